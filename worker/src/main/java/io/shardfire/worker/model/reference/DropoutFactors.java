package io.shardfire.worker.model.reference;

/** What dropout multiplies elements by: 0 where one is dropped, 1/(1-rate) where it is kept. */
public interface DropoutFactors {
  /** Nothing is dropped. */
  DropoutFactors NONE =
      new DropoutFactors() {
        @Override
        public double element(int stream, long element) {
          return 1;
        }

        @Override
        public double attention(int stream, long row, int key) {
          return 1;
        }
      };

  /** Of an element of a flat tensor. */
  double element(int stream, long element);

  /** Of an attention weight; {@code row} counts [B,H,T] queries. */
  double attention(int stream, long row, int key);
}
