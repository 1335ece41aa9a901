package io.shardfire.driver.corpus;

import com.ibm.icu.text.RuleBasedNumberFormat;
import com.ibm.icu.util.ULocale;
import io.shardfire.sharding.checkpoint.PlainFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Pairs to learn translation from: numbers spelled in English and in French, by the spell-out rules
 * of ICU4J. One pair a line, in the order of a hash, so that any stretch of the file mixes small
 * numbers and large ones:
 *
 * <pre>
 *   ninety-nine thousand two\tquatre-vingt-dix-neuf mille deux
 * </pre>
 *
 * <p>Every tenth number of that order is held out: it stands in the second file only.
 */
public final class NumberNames {
  /** Of how many numbers one is held out. */
  public static final int HELD_OUT = 10;

  private NumberNames() {}

  /**
   * How many pairs were written.
   *
   * @param train in the first file
   * @param heldOut in the second
   */
  public record Counts(long train, long heldOut) {}

  /**
   * Writes both files, replacing those that are there.
   *
   * @param limit numbers from 0 to before this
   * @throws CorpusException when a file cannot be written
   */
  public static Counts write(int limit, Configuration configuration, Path train, Path heldOut) {
    long[] numbers =
        LongStream.range(0, limit)
            .boxed()
            .sorted(
                Comparator.comparingLong((Long n) -> TextHash.of(n.toString(), 0))
                    .thenComparing(Comparator.naturalOrder()))
            .mapToLong(Long::longValue)
            .toArray();
    Names names = names();
    long held = LongStream.range(0, limit).filter(NumberNames::isHeldOut).count();
    write(
        names,
        LongStream.range(0, limit).filter(i -> !isHeldOut(i)),
        numbers,
        configuration,
        train);
    write(
        names,
        LongStream.range(0, limit).filter(NumberNames::isHeldOut),
        numbers,
        configuration,
        heldOut);
    return new Counts(limit - held, held);
  }

  private static Names names() {
    try {
      return new Names();
    } catch (NoClassDefFoundError e) {
      throw new CorpusException(
          "The class path has no ICU4J, which knows the names of numbers, and which Spark brings from"
              + " version 4.0 on: class=%s. Start through Shardfire's own launcher"
                  .formatted(e.getMessage()),
          e);
    }
  }

  private static boolean isHeldOut(long place) {
    return place % HELD_OUT == HELD_OUT - 1;
  }

  private static void write(
      Names names, LongStream places, long[] numbers, Configuration configuration, Path file) {
    String text =
        places
            .mapToObj(place -> names.line(numbers[Math.toIntExact(place)]))
            .collect(Collectors.joining());
    try {
      PlainFiles.writeAtomically(
          PlainFiles.fileSystem(configuration, file), file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException | UncheckedIOException e) {
      throw new CorpusException(
          "Cannot write the number names: output=%s reason=%s. Check the path and its permissions"
              .formatted(file, Reason.of(e)),
          e);
    }
  }

  /** Formats are not thread-safe, and take a while to make. */
  private static final class Names {
    private final RuleBasedNumberFormat english =
        new RuleBasedNumberFormat(ULocale.ENGLISH, RuleBasedNumberFormat.SPELLOUT);
    private final RuleBasedNumberFormat french =
        new RuleBasedNumberFormat(ULocale.FRENCH, RuleBasedNumberFormat.SPELLOUT);

    String line(long number) {
      return english.format(number) + "\t" + french.format(number) + "\n";
    }
  }
}
