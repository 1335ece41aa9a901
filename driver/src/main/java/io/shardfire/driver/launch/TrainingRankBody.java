package io.shardfire.driver.launch;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.transport.NetworkConfiguration;
import io.shardfire.sharding.transport.NetworkNode;
import io.shardfire.sharding.transport.PeerAddress;
import io.shardfire.worker.train.RunSpecification;
import io.shardfire.worker.train.Trainer;
import java.util.Optional;
import org.apache.hadoop.fs.FSError;

/** Trains one rank over the network. */
record TrainingRankBody(RunSpecification specification) implements RankBody {
  private static final String GROUP = "data";

  @Override
  public RankSession open(NetworkConfiguration network) {
    return new Session(NetworkNode.start(network), specification);
  }

  private record Session(NetworkNode node, RunSpecification specification) implements RankSession {
    @Override
    public PeerAddress address() {
      return node.address();
    }

    @Override
    public RankOutcome run(RankSeat seat) {
      try {
        return train(seat);
      } catch (RuntimeException | FSError e) {
        Optional<StorageFullException> full =
            StorageFullException.explain(e, seat.hadoop(), specification.run());
        if (full.isPresent()) {
          throw full.get();
        }
        throw e;
      }
    }

    private RankOutcome train(RankSeat seat) {
      ComputeContext compute =
          ComputeContext.open(AssignedDevice.select(specification.device(), seat.resources()));
      // A rank that fails leaves the group by closing its node, after its report has been sent:
      // closing the communicator here would let the peers fail first. Its memory is given back
      // then, and not before, since the network may use it until the group is left.
      Communicator communicator = node.join(GROUP, seat.generation(), seat.rank(), seat.peers());
      Trainer.Outcome outcome =
          Trainer.run(
              specification,
              seat.hadoop(),
              compute,
              communicator,
              new ReportingListener(seat),
              seat.stop());
      communicator.close();
      return new RankOutcome(
          seat.rank(),
          outcome.steps(),
          outcome.skippedSteps(),
          outcome.validationLoss(),
          outcome.checkpoint());
    }

    @Override
    public void close() {
      node.close();
    }
  }
}
