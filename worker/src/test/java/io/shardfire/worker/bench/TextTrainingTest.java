package io.shardfire.worker.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTrainingTest {
  private static final int STEPS = 300;

  @Test
  void shouldLearnATextTwiceToTheSameBits() {
    TextTraining training = new TextTraining("abcdefgh".repeat(20), 1, 2, 32, 16, 4);
    assertEquals(8, training.model().vocabularySize());
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("auto"));
    List<TextTraining.Step> first = training.run(compute, STEPS);
    List<TextTraining.Step> second = training.run(compute, STEPS);
    assertEquals(Math.log(8), first.get(0).loss(), 0.5);
    assertTrue(first.get(STEPS - 1).loss() < 0.5, first::toString);
    for (int i = 0; i < STEPS; i++) {
      assertTrue(first.get(i).sameBits(second.get(i)), "step " + i);
    }
    assertFalse(first.get(0).sameBits(first.get(1)));
  }

  @Test
  void shouldRefuseATextWithoutAWindow() {
    assertEquals(
        "The text must be longer than the context: characters=16, context=16",
        assertThrows(
                IllegalArgumentException.class,
                () -> new TextTraining("abcdefgh".repeat(2), 1, 2, 32, 16, 4))
            .getMessage());
  }
}
