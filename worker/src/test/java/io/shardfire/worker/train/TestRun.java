package io.shardfire.worker.train;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.sharding.checkpoint.CheckpointReader;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.sharding.lease.LeaseTicket;
import io.shardfire.worker.architecture.ModelConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/** Runs all ranks as threads of this JVM and keeps what they report. */
final class TestRun implements TrainingListener {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  static final LeaseTicket TICKET = new LeaseTicket("run of the test", "owner", 1);

  final List<StartReport> starts = new ArrayList<>();
  final List<StepReport> steps = new ArrayList<>();
  final List<String> evaluations = new ArrayList<>();
  final List<Long> checkpoints = new ArrayList<>();
  Trainer.Outcome outcome;

  static TestRun train(
      ModelConfiguration model,
      TrainingConfiguration training,
      Path data,
      Path run,
      int worldSize,
      boolean resume) {
    return train(model, training, data, run, worldSize, resume, List.of());
  }

  static TestRun train(
      ModelConfiguration model,
      TrainingConfiguration training,
      Path data,
      Path run,
      int worldSize,
      boolean resume,
      List<String> allowedChanges) {
    return train(
        model, training, data, run, "", worldSize, resume, allowedChanges, LateGathers::new);
  }

  /** Begins a run, the last rank of which is asked to stop during a step. */
  static TestRun trainUntil(
      long stopStep,
      ModelConfiguration model,
      TrainingConfiguration training,
      Path data,
      Path run,
      int worldSize) {
    AtomicLong step = new AtomicLong();
    return train(
        model,
        training,
        data,
        run,
        "",
        worldSize,
        false,
        List.of(),
        LateGathers::new,
        rank -> () -> rank == worldSize - 1 && step.incrementAndGet() == stopStep);
  }

  static TestRun train(
      ModelConfiguration model,
      TrainingConfiguration training,
      Path data,
      Path run,
      String from,
      int worldSize,
      boolean resume,
      List<String> allowedChanges,
      UnaryOperator<Communicator> wrapper) {
    return train(
        model,
        training,
        data,
        run,
        from,
        worldSize,
        resume,
        allowedChanges,
        wrapper,
        rank -> () -> false);
  }

  private static TestRun train(
      ModelConfiguration model,
      TrainingConfiguration training,
      Path data,
      Path run,
      String from,
      int worldSize,
      boolean resume,
      List<String> allowedChanges,
      UnaryOperator<Communicator> wrapper,
      IntFunction<BooleanSupplier> stops) {
    TestRun result = new TestRun();
    RunSpecification specification =
        new RunSpecification(
            model,
            training,
            data.toUri().toString(),
            run.toUri().toString(),
            from,
            "cpu",
            resume,
            allowedChanges,
            TICKET,
            "model: tiny");
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    InProcessGroup group = InProcessGroup.of(worldSize, TIMEOUT);
    ExecutorService ranks = Executors.newFixedThreadPool(worldSize);
    try {
      List<Future<Trainer.Outcome>> outcomes = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        Communicator communicator = wrapper.apply(group.communicator(rank));
        BooleanSupplier stop = stops.apply(rank);
        outcomes.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try (communicator) {
                    return Trainer.run(
                        specification,
                        new Configuration(false),
                        compute,
                        communicator,
                        result,
                        stop);
                  }
                },
                ranks));
      }
      for (Future<Trainer.Outcome> outcome : outcomes) {
        result.outcome = outcome.get();
      }
      return result;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      ranks.shutdown();
    }
  }

  /** Exact losses, norms and rates. */
  List<String> curve() {
    return steps.stream()
        .map(
            step ->
                step.step()
                    + " "
                    + Double.toHexString(step.loss())
                    + " "
                    + Double.toHexString(step.gradientNorm())
                    + " "
                    + Double.toHexString(step.learningRate()))
        .toList();
  }

  /** A checkpoint, as a resumed run sees it. */
  static SavedRun saved(Path run, long step) {
    CheckpointStore store =
        CheckpointStore.open(new Configuration(false), new org.apache.hadoop.fs.Path(run.toUri()));
    return SavedRun.read(CheckpointReader.open(store, step));
  }

  /** SHA-256 of the weight files of a step. */
  static Map<String, String> weights(Path run, long step) {
    Path folder = run.resolve(String.format(Locale.ROOT, "step-%08d", step));
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith("model") && name.endsWith(".safetensors")) {
          MessageDigest digest = MessageDigest.getInstance("SHA-256");
          hashes.put(name, HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file))));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    if (hashes.isEmpty()) {
      throw new IllegalStateException("No weight files in " + folder);
    }
    return hashes;
  }

  @Override
  public synchronized void onStart(StartReport report) {
    starts.add(report);
  }

  @Override
  public synchronized void onStep(StepReport report) {
    steps.add(report);
  }

  @Override
  public synchronized void onEvaluation(long step, double loss) {
    evaluations.add(step + " " + Double.toHexString(loss));
  }

  @Override
  public synchronized void onCheckpoint(long step, String folder) {
    checkpoints.add(step);
  }
}
