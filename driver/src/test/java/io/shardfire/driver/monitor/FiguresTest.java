package io.shardfire.driver.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void shouldPrintCountsWithThreeDigits() {
    assertEquals("0", Figures.count(0));
    assertEquals("999", Figures.count(999));
    assertEquals("1.00k", Figures.count(999.6));
    assertEquals("1.23k", Figures.count(1234));
    assertEquals("10.0k", Figures.count(9999));
    assertEquals("124M", Figures.count(124_439_808));
    assertEquals("1.00G", Figures.count(999_900_000));
    assertEquals("31.4", Figures.count(31.4159));
    assertEquals("0.25", Figures.count(0.25));
  }

  @Test
  void shouldPrintBytesInBinaryUnits() {
    assertEquals("512 B", Figures.bytes(512));
    assertEquals("1.00 KiB", Figures.bytes(1024));
    assertEquals("1.50 GiB", Figures.bytes(3L << 29));
    assertEquals("8.00 EiB", Figures.bytes(Long.MAX_VALUE));
  }

  @Test
  void shouldPrintDurationsInTheTwoLargestUnits() {
    assertEquals("0.0s", Figures.duration(Duration.ZERO));
    assertEquals("8.2s", Figures.duration(Duration.ofMillis(8240)));
    assertEquals("59s", Figures.duration(Duration.ofSeconds(59)));
    assertEquals("3m02s", Figures.duration(Duration.ofSeconds(182)));
    assertEquals("2h05m", Figures.duration(Duration.ofMinutes(125)));
    assertEquals("4d03h", Figures.duration(Duration.ofHours(99)));
  }

  @Test
  void shouldPrintSmallNumbersWithAnExponent() {
    assertEquals("3.0e-4", Figures.scientific(3e-4));
    assertEquals("1.0e-3", Figures.scientific(9.99e-4));
    assertEquals("1.0e0", Figures.scientific(1));
    assertEquals("0", Figures.scientific(0));
  }
}
