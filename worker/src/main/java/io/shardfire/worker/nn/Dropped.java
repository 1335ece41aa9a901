package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Dropout;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/**
 * Dropout (Srivastava et al., 2014) with masks that are functions of a key: those of a pass are
 * drawn anew wherever they are needed.
 *
 * @param rate share of elements that become 0 in training
 * @param key [1, {@link Dropout#KEY_FLOATS}], written by the host before each pass
 */
public record Dropped(float rate, Value key) {

  /** Whether anything is dropped. */
  boolean applies(Recording r) {
    return r.pass().trains() && rate > 0;
  }

  /** x after dropout, in its place. */
  Value inPlace(Recording r, Value x) {
    if (!applies(r)) {
      return x;
    }
    int site = r.dropoutSite("dropout");
    r.emit(
        x.name() + " dropout",
        List.of(x, key),
        List.of(x),
        (recorder, spans) ->
            Dropout.forward(recorder, mask(spans.of(key), site), spans.of(x), null, spans.of(x)));
    r.backward(
        () ->
            r.inPlace(
                x,
                x,
                gradient ->
                    r.emit(
                        gradient.name() + " dropout",
                        List.of(gradient, key),
                        List.of(gradient),
                        (recorder, spans) ->
                            Dropout.backward(
                                recorder,
                                mask(spans.of(key), site),
                                spans.of(gradient),
                                spans.of(gradient)))));
    return x;
  }

  /** residual + x after dropout. */
  Value join(Recording r, Value x, Value residual) {
    int site = r.dropoutSite("dropout");
    Value y = r.activation("sum", x.rows(), x.columns());
    r.emit(
        y.name(),
        List.of(x, residual, key),
        List.of(y),
        (recorder, spans) ->
            Dropout.forward(
                recorder, mask(spans.of(key), site), spans.of(x), spans.of(residual), spans.of(y)));
    r.backward(
        () -> {
          Value dy = r.gradient(y);
          r.overwriting(
              x,
              dx ->
                  r.emit(
                      dx.name(),
                      List.of(dy, key),
                      List.of(dx),
                      (recorder, spans) ->
                          Dropout.backward(
                              recorder, mask(spans.of(key), site), spans.of(dy), spans.of(dx))));
          r.pass(y, residual);
        });
    return y;
  }

  /** The masks of a site. */
  Dropout.Mask mask(io.shardfire.kernels.device.Span keySpan, int site) {
    return new Dropout.Mask(rate, keySpan, site);
  }

  /** x after dropout, in double precision. */
  Tensor reference(Reference r, Tensor x) {
    if (!r.pass().trains() || rate == 0) {
      return x;
    }
    int site = r.dropoutSite("dropout");
    double[] factors = new double[x.values().length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = r.dropout().element(site, rate, i);
    }
    return r.tape().scale(x, factors);
  }
}
