package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.worker.generate.Continuation;
import io.shardfire.worker.generate.Continuation.Finish;
import io.shardfire.worker.generate.Prompt;
import io.shardfire.worker.generate.Throughput;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ContinuationPrinterTest {
  private static final Throughput THROUGHPUT = new Throughput(12, 0.5, 30, 2);

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldPrintTheTextOfOnePromptWhileItComes() {
    ContinuationPrinter printer = printer(1, false, "Once");
    printer.text(0, 0, " upon");
    assertEquals("Once upon", out.toString());
    printer.text(0, 0, " a");
    printer.notice("full");
    printer.finished(continuation(0, 0, " upon a"));
    printer.finish(THROUGHPUT);
    assertEquals("Once upon a\n", out.toString());
    assertEquals(
        "note: full\nprompts 12 tokens, 24.0 tokens/s; decoding 30 tokens, 15.0 tokens/s\n",
        err.toString());
  }

  @Test
  void shouldPrintSeveralInTheirOrderBelowHeadings() {
    ContinuationPrinter printer = printer(2, false, "a", "b");
    printer.text(1, 0, "3");
    printer.text(0, 1, "2");
    printer.finished(continuation(0, 1, "2"));
    assertEquals("", out.toString());
    printer.text(0, 0, "1");
    printer.finished(continuation(0, 0, "1"));
    printer.text(1, 1, "4");
    printer.text(1, 0, "3");
    printer.finished(continuation(1, 1, "4"));
    printer.finished(continuation(1, 0, "33"));
    assertEquals(
        """
        ==> prompt 1, sample 1 <==
        a1

        ==> prompt 1, sample 2 <==
        a2

        ==> prompt 2, sample 1 <==
        b33

        ==> prompt 2, sample 2 <==
        b4
        """,
        out.toString());
  }

  @Test
  void shouldPrintJsonLines() {
    ContinuationPrinter printer = printer(1, true, "a", "\"b\u00E9");
    printer.text(1, 0, "x");
    printer.finished(
        new Continuation(
            1, 0, 9, 2, List.of(5, 6), "x\n", Finish.END_OF_TEXT, OptionalDouble.of(-0.5)));
    printer.finished(continuation(0, 0, "1"));
    printer.finish(new Throughput(0, 0, 4, 0.5));
    assertEquals(
        """
        {"index":0,"sample":0,"prompt":"a","text":"1","finish":"length","seed":7,"promptTokens":3,"tokens":[8]}
        {"index":1,"sample":0,"prompt":"\\"b\u00E9","text":"x\\n","finish":"end_of_text","score":-0.5,"promptTokens":2,"tokens":[5,6]}
        """,
        out.toString());
    assertEquals("decoding 4 tokens, 8.0 tokens/s\n", err.toString());
  }

  @Test
  void shouldNotWaitForWhatASearchDidNotFind() {
    ContinuationPrinter printer = printer(2, false, "a", "b");
    printer.text(0, 0, "1");
    printer.finished(continuation(0, 0, "1"));
    printer.text(1, 0, "2");
    printer.finished(continuation(1, 0, "2"));
    printer.finish(THROUGHPUT);
    assertEquals(
        "==> prompt 1, sample 1 <==\na1\n\n==> prompt 2, sample 1 <==\nb2\n", out.toString());
  }

  @Test
  void shouldPutATextThatDoesNotContinueItsPromptOnItsOwnLine() {
    ContinuationPrinter printer = printer(1, false, false, "one", "two");
    printer.text(0, 0, "u");
    printer.text(0, 0, "n");
    printer.finished(continuation(0, 0, "un"));
    printer.finished(continuation(1, 0, ""));
    assertEquals("==> prompt 1 <==\none\nun\n\n==> prompt 2 <==\ntwo\n\n", out.toString());
  }

  private ContinuationPrinter printer(int samples, boolean json, String... prompts) {
    return printer(samples, json, true, prompts);
  }

  private ContinuationPrinter printer(
      int samples, boolean json, boolean continues, String... prompts) {
    return new ContinuationPrinter(
        List.of(prompts).stream().map(text -> new Prompt(text, 7)).toList(),
        samples,
        json,
        continues,
        new PrintWriter(out),
        new PrintWriter(err));
  }

  private static Continuation continuation(int prompt, int sample, String text) {
    return new Continuation(
        prompt, sample, 7, 3, List.of(8), text, Finish.LENGTH, OptionalDouble.empty());
  }
}
