package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Recurrence.States;

/**
 * States of sequences that last from pass to pass, and which of them a pass goes on with. B
 * sequences of T tokens in the pass, H units. What is read at run time are whole numbers.
 *
 * @param sequences that there are
 * @param hidden h of each sequence [sequences, H]
 * @param cells c of an LSTM [sequences, H]; else null
 * @param sequence number of the sequence of each of the B [B]; null where it is its own
 * @param starts position of the first token [B]: where it is 0, the state before is 0; where it is
 *     negative, nothing is stored
 * @param ends one past the position of the last token [B], rows behind being padding; null where
 *     each has one token
 */
public record RecurrentStates(
    int sequences, Span hidden, Span cells, Span sequence, Span starts, Span ends) {

  /**
   * Records what a pass begins with.
   *
   * @param lasting null where that is 0
   * @param before h before the first token of each sequence, rows T H apart
   * @param beforeCells c [B, H]; null where nobody reads it
   */
  static void load(
      CommandRecorder recorder,
      RecurrentShape shape,
      RecurrentStates lasting,
      Span before,
      Span beforeCells) {
    int width = shape.width();
    if (lasting != null) {
      lasting.check("RecurrentStates.load", shape);
    }
    Span hidden = lasting == null ? null : lasting.hidden();
    load(recorder, shape, lasting, hidden, before, shape.time() * width);
    if (beforeCells != null) {
      load(recorder, shape, lasting, lasting.cells(), beforeCells, width);
    }
  }

  private static void load(
      CommandRecorder recorder,
      RecurrentShape shape,
      RecurrentStates lasting,
      Span state,
      Span to,
      int stride) {
    recorder.add(
        Command.of(Opcode.RECURRENT_LOAD, shape.batch())
            .readIfPresent(state)
            .readIfPresent(lasting == null ? null : lasting.starts())
            .readIfPresent(lasting == null ? null : lasting.sequence())
            .write(to, shape.batch(), shape.width(), stride)
            .integer(stride)
            .integer(shape.width())
            .integer(lasting == null ? 0 : lasting.sequences()));
  }

  /** Records that the states after the last token of each sequence of a pass last. */
  void store(CommandRecorder recorder, RecurrentShape shape, States states) {
    check("RecurrentStates.store", shape);
    store(recorder, shape, states.out(), hidden);
    if (shape.cell() == RecurrentCell.LSTM) {
      store(recorder, shape, states.kept(), cells);
    }
  }

  private void store(CommandRecorder recorder, RecurrentShape shape, Span from, Span state) {
    recorder.add(
        Command.of(Opcode.RECURRENT_STORE, shape.batch())
            .read(from)
            .read(starts)
            .readIfPresent(ends)
            .readIfPresent(sequence)
            .write(state)
            .integer(shape.time())
            .integer(shape.width())
            .integer(sequences));
  }

  private void check(String operation, RecurrentShape shape) {
    long floats = (long) sequences * shape.width();
    Bands bands =
        new Bands(operation)
            .reads("starts", starts, shape.batch())
            .reads("ends", ends, shape.batch())
            .reads("sequence", sequence, shape.batch())
            .writes("hidden", hidden, floats);
    if (shape.cell() == RecurrentCell.LSTM) {
      bands.writes("cells", cells, floats);
    }
    new Operands(operation)
        .positive("sequences", sequences)
        .require(
            sequence != null || sequences >= shape.batch(),
            "must be at least the batch, " + shape.batch(),
            "sequences",
            sequences)
        .require(ends != null || shape.time() == 1, "must be 1 without ends", "time", shape.time());
  }
}
