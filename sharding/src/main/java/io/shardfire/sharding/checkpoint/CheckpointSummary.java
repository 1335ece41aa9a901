package io.shardfire.sharding.checkpoint;

import java.util.List;
import java.util.Map;

/**
 * What a checkpoint holds, for people and for JSON.
 *
 * @param folder folder of the checkpoint
 * @param step as the manifest says
 * @param committedSteps all committed steps of the run, ascending; empty for a folder that is not
 *     in a run, such as a copy
 * @param bytes size of all files of the manifest
 * @param parameters elements of all weights that could be read
 * @param files as the manifest lists them
 * @param tensors weights, by name
 * @param slices parts of the optimizer's moments, by file and then by name
 * @param documents texts of the JSON documents that people read first: trainer.json and
 *     config.json, by name, where they exist
 * @param damage one line per problem, naming file, expected and actual; empty when valid
 */
public record CheckpointSummary(
    String folder,
    long step,
    List<Long> committedSteps,
    long bytes,
    long parameters,
    List<Manifest.Entry> files,
    List<TensorSummary> tensors,
    List<SliceSummary> slices,
    Map<String, String> documents,
    List<String> damage) {
  /** Copies. */
  public CheckpointSummary {
    committedSteps = List.copyOf(committedSteps);
    files = List.copyOf(files);
    tensors = List.copyOf(tensors);
    slices = List.copyOf(slices);
    damage = List.copyOf(damage);
  }

  /** One weight. */
  public record TensorSummary(
      String name, String file, String dtype, List<Long> shape, ValueSummary values) {
    /** Copies. */
    public TensorSummary {
      shape = List.copyOf(shape);
    }
  }

  /**
   * A part of one moment.
   *
   * @param begin first float of the unit, in logical coordinates
   * @param end one past the last
   * @param moment {@code exp_avg} or {@code exp_avg_sq}
   */
  public record SliceSummary(
      String file, String unit, long begin, long end, String moment, ValueSummary values) {}

  /**
   * The values of a tensor.
   *
   * @param l2Norm root of the sum of squares of the finite elements, summed in double in order
   * @param maxAbs largest magnitude among the finite elements; 0 when there are none
   * @param nonFinite elements that are NaN or infinite
   */
  public record ValueSummary(long elements, double l2Norm, float maxAbs, long nonFinite) {}
}
