package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrderedListenerTest {
  @Test
  void shouldDropNewsOfPhasesThatAreNotRunning() {
    List<String> calls = new ArrayList<>();
    OrderedListener listener =
        new OrderedListener(
            new PrepareListener() {
              @Override
              public void advanced(PreparePhase phase, long done, long total) {
                calls.add(phase + " " + done + "/" + total);
              }
            });

    listener.advanced(PreparePhase.SCAN, 0, 2);
    listener.began(PreparePhase.SCAN, 2);
    listener.advanced(PreparePhase.SCAN, 1, 2);
    listener.finished(PreparePhase.SCAN, 0.5);
    listener.advanced(PreparePhase.SCAN, 2, 2);
    listener.began(PreparePhase.TOKENIZE, 2);
    listener.advanced(PreparePhase.SCAN, 2, 2);
    listener.advanced(PreparePhase.TOKENIZE, 1, 2);

    assertEquals(List.of("SCAN 1/2", "TOKENIZE 1/2"), calls);
  }
}
