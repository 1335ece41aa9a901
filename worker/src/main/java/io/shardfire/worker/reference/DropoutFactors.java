package io.shardfire.worker.reference;

/** What dropout multiplies elements by: 0 where one is dropped, 1/(1-rate) where it is kept. */
public interface DropoutFactors {
  /** Nothing is dropped. */
  DropoutFactors NONE =
      new DropoutFactors() {
        @Override
        public double element(int site, float rate, long element) {
          return 1;
        }

        @Override
        public double attention(int site, float rate, long row, int key) {
          return 1;
        }
      };

  /** Of an element of a flat tensor. */
  double element(int site, float rate, long element);

  /** Of an attention weight; {@code row} counts [B,H,T] queries. */
  double attention(int site, float rate, long row, int key);
}
