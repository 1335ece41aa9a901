package io.shardfire.worker.train;

import io.shardfire.sharding.checkpoint.CheckpointReader;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import io.shardfire.sharding.checkpoint.CheckpointWriter;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelTokens;
import io.shardfire.worker.data.CorpusProvenanceFile;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.program.UnitSpans;
import io.shardfire.worker.resume.Continuation;
import io.shardfire.worker.resume.Refusal;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.resume.SettingChange;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Restores a run from its newest valid checkpoint and writes new ones. Collective. */
final class RunCheckpoints implements AutoCloseable {
  /** Weights are split into files of at most this size. */
  static final long MAX_MODEL_FILE_BYTES = 1L << 29;

  private static final long NONE = -1;

  /** Settings that a loss scale begins anew with when they change. */
  private static final List<String> OF_LOSS_SCALE =
      List.of("training.precision", "training.lossScale");

  private final RunSpecification specification;
  private final ModelConfiguration model;
  private final RunSettings settings;
  private final TokenDataset data;
  private final Optional<CorpusProvenanceFile> provenance;
  private final long sequencesPerEpoch;
  private final CheckpointStore store;
  private final Communicator communicator;
  private final TrainingStep step;
  private final TrainingListener listener;
  private final CheckpointWriter writer;
  private final ReplicaCheck replicas;
  private long underWay = NONE;
  private long newest = NONE;

  /** Of the settings, in this and in earlier resumes. */
  private List<SettingChange> changes = List.of();

  /**
   * @param settings of the run, with the values that take effect
   * @param provenance of the corpus, where that is known; checkpoints have a copy
   */
  RunCheckpoints(
      RunSpecification specification,
      ModelConfiguration model,
      RunSettings settings,
      TokenDataset data,
      Optional<CorpusProvenanceFile> provenance,
      long sequencesPerEpoch,
      CheckpointStore store,
      Communicator communicator,
      TrainingStep step,
      TrainingListener listener) {
    this.specification = specification;
    this.model = model;
    this.settings = settings;
    this.data = data;
    this.provenance = provenance;
    this.sequencesPerEpoch = sequencesPerEpoch;
    this.store = store;
    this.communicator = communicator;
    this.step = step;
    this.listener = listener;
    this.replicas =
        new ReplicaCheck(
            communicator, step.layout().layout(), step.layout().format(), step.layout().moments());
    this.writer =
        CheckpointWriter.create(
            store,
            step.layout().layout(),
            step.layout().moments().set(),
            communicator,
            MAX_MODEL_FILE_BYTES,
            trainsWhileWriting(specification.training()),
            specification.training().keepCheckpoints(),
            specification.ticket());
  }

  /**
   * Whether steps follow while a checkpoint is written, so that it has to be a copy of the state.
   */
  static boolean trainsWhileWriting(TrainingConfiguration training) {
    return training.checkpointEvery() > 0 && training.checkpointEvery() < training.steps();
  }

  /**
   * Loads the newest valid checkpoint when the run is to be resumed and has one.
   *
   * @return steps done
   * @throws TrainingException when the checkpoint belongs to another run, or the run is not to be
   *     resumed although there is one
   */
  long restore() {
    long found = agreeOnStep();
    if (found == NONE) {
      return 0;
    }
    if (!specification.resume()) {
      throw new TrainingException(
          "The run folder already holds checkpoints; resume the run, or choose another folder:"
              + " run="
              + specification.run()
              + ", step="
              + found);
    }
    requireOwn(found);
    CheckpointReader reader = CheckpointReader.openVerified(store, found);
    SavedRun saved = SavedRun.read(reader);
    List<SettingChange> made = changesSince(saved);
    changes = saved.state().changesWith(made);
    step.resume(lossScale(saved.state().lossScale(), made));
    step.masters().fill(units -> reader.readParameters(step.layout().layout(), units));
    readMoments(reader);
    step.memory().moments().forEach(UnitSpans::upload);
    newest = found;
    return found;
  }

  /**
   * A restart within the run, too, compares with the checkpoint that it goes on from, which may be
   * older than a change that was allowed.
   */
  private List<SettingChange> changesSince(SavedRun saved) {
    Continuation continuation =
        saved.continuedBy(
            settings, specification.training().steps(), specification.allowedChanges());
    if (!continuation.refusals().isEmpty()) {
      throw new TrainingException(
          "The run cannot be resumed: "
              + continuation.refusals().stream()
                  .map(Refusal::toString)
                  .collect(Collectors.joining("; ")));
    }
    return continuation.changes();
  }

  /** A loss scale that was changed begins anew, as does one that there was none of. */
  private LossScale lossScale(LossScale saved, List<SettingChange> made) {
    boolean changed = made.stream().map(SettingChange::key).anyMatch(OF_LOSS_SCALE::contains);
    return changed ? saved.restartedWith(specification.training()) : saved;
  }

  /** Another run's driver may have committed a checkpoint just before it lost the folder. */
  private void requireOwn(long found) {
    String written = store.manifest(found).runId();
    String own = specification.ticket().runId();
    if (!written.isEmpty() && !written.equals(own)) {
      throw new TrainingException(
          "The newest checkpoint was written by another run; move it away, and give --resume again:"
              + " folder="
              + store.folder(found)
              + ", its run id="
              + written
              + ", this run id="
              + own);
    }
  }

  private void readMoments(CheckpointReader reader) {
    MomentLayout moments = step.layout().moments();
    List<List<FloatRange>> kept = step.memory().moments().stream().map(UnitSpans::onHost).toList();
    if (moments.sharded()) {
      reader.readMoments(moments.set(), communicator.rank(), kept);
    } else {
      reader.readMoments(moments.set(), kept);
    }
  }

  /**
   * Rank 0 looks for the checkpoint and tells the others, so that no rank sees another file state.
   */
  private long agreeOnStep() {
    ByteBuffer mine = ByteBuffer.allocate(Long.BYTES);
    if (communicator.rank() == 0) {
      mine.putLong(0, specification.resume() ? newestValid() : newestCommitted());
    }
    byte[][] all =
        communicator.allGatherBytes(new CollectiveKey(0, Phase.CONTROL, 0), mine.array());
    return ByteBuffer.wrap(all[0]).getLong();
  }

  private long newestValid() {
    return store.newestValid().orElse(NONE);
  }

  private long newestCommitted() {
    List<Long> steps = store.committedSteps();
    return steps.isEmpty() ? NONE : steps.get(steps.size() - 1);
  }

  /** Starts writing a checkpoint of the current state. */
  void save(long completedSteps) {
    step.awaitParameters();
    RankMemory memory = step.memory();
    memory.state().forEach(UnitSpans::download);
    replicas.run(completedSteps, memory.state().stream().map(UnitSpans::onHost).toList());
    Map<String, String> documents = communicator.rank() == 0 ? documents(completedSteps) : Map.of();
    MomentLayout moments = step.layout().moments();
    writer.save(
        completedSteps,
        step.masters().gather(completedSteps),
        memory.moments().stream()
            .map(moment -> moments.owned(moment, communicator.rank()).onHost())
            .toList(),
        documents);
    if (trainsWhileWriting(specification.training())) {
      step.masters().release();
    }
    committed();
    underWay = completedSteps;
  }

  /** Tells the listener when the checkpoint under way has been committed meanwhile. */
  void poll() {
    if (underWay != NONE && !writer.isWriting()) {
      writer.flush();
      committed();
    }
  }

  /** Waits for the checkpoint under way; returns the folder of the newest one. */
  String finish() {
    writer.flush();
    committed();
    return store.folder(newest).toString();
  }

  private void committed() {
    if (underWay == NONE) {
      return;
    }
    newest = underWay;
    underWay = NONE;
    if (communicator.rank() == 0) {
      listener.onCheckpoint(newest, store.folder(newest).toString());
    }
  }

  private Map<String, String> documents(long completedSteps) {
    TokenizerFiles tokenizer = data.tokenizer();
    Map<String, String> documents =
        new HashMap<>(
            Map.of(
                ConfigurationFile.NAME,
                ConfigurationFile.write(model, ModelTokens.of(tokenizer.specialIds())),
                TokenizerFiles.JSON,
                tokenizer.json(),
                TokenizerFiles.CONFIGURATION,
                tokenizer.configuration(),
                TrainerState.NAME,
                new TrainerState(completedSteps, step.lossScale(), settings, changes)
                    .write(
                        specification,
                        communicator.worldSize(),
                        step.tokensPerStep(),
                        sequencesPerEpoch)));
    provenance.ifPresent(known -> documents.put(CorpusProvenanceFile.NAME, known.text()));
    return documents;
  }

  @Override
  public void close() {
    writer.close();
  }
}
