package io.shardfire.jobs.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.worker.generate.Continuation;
import io.shardfire.worker.generate.GenerationListener;
import io.shardfire.worker.generate.Prompt;
import io.shardfire.worker.generate.Throughput;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/**
 * Prints continuations in the order of their prompts, as text below a heading where there are
 * several, or as JSON lines. The text of the first that is not complete is printed while it comes;
 * what others have by then waits.
 */
public final class ContinuationPrinter implements GenerationListener {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Prompt> prompts;
  private final int samples;
  private final boolean json;
  private final String between;
  private final PrintWriter out;
  private final PrintWriter err;
  private final StringBuilder[] texts;
  private final Continuation[] complete;
  private int current;
  private boolean begun;

  /**
   * A printer for one call.
   *
   * @param samples continuations of each prompt, at most
   * @param continues whether a text goes on where its prompt ends; otherwise it has its own line
   * @param err for notices
   */
  public ContinuationPrinter(
      List<Prompt> prompts,
      int samples,
      boolean json,
      boolean continues,
      PrintWriter out,
      PrintWriter err) {
    this.prompts = List.copyOf(prompts);
    this.samples = samples;
    this.json = json;
    this.between = continues ? "" : System.lineSeparator();
    this.out = out;
    this.err = err;
    this.texts = new StringBuilder[prompts.size() * samples];
    this.complete = new Continuation[texts.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = new StringBuilder();
    }
  }

  @Override
  public void notice(String message) {
    err.println("note: " + message);
    err.flush();
  }

  @Override
  public void text(int prompt, int sample, String piece) {
    texts[prompt * samples + sample].append(piece);
    printText();
  }

  @Override
  public void finished(Continuation continuation) {
    complete[continuation.prompt() * samples + continuation.sample()] = continuation;
    while (current < texts.length && complete[current] != null) {
      print();
    }
    printText();
  }

  /**
   * Prints what waits for continuations that never came: a search may find fewer than asked for.
   */
  public void finish(Throughput throughput) {
    while (current < texts.length) {
      print();
    }
    err.println(summary(throughput));
    err.flush();
  }

  /** The current continuation to its end. */
  private void print() {
    Continuation continuation = complete[current];
    if (continuation != null && json) {
      out.println(object(continuation));
      out.flush();
    } else if (continuation != null) {
      printText();
      out.println();
      out.flush();
    }
    current++;
    begun = false;
  }

  /** What is there of the current continuation. */
  private void printText() {
    if (json
        || current == texts.length
        || (texts[current].length() == 0 && complete[current] == null)) {
      return;
    }
    if (!begun) {
      out.print(heading() + prompts.get(current / samples).text() + between);
      begun = true;
    }
    out.print(texts[current]);
    texts[current].setLength(0);
    out.flush();
  }

  private String heading() {
    if (texts.length == 1) {
      return "";
    }
    String prompt = prompts.size() == 1 ? "" : "prompt " + (current / samples + 1);
    String sample = samples == 1 ? "" : "sample " + (current % samples + 1);
    String both = prompt.isEmpty() || sample.isEmpty() ? "" : ", ";
    String apart = current == 0 ? "" : System.lineSeparator();
    return apart + "==> " + prompt + both + sample + " <==" + System.lineSeparator();
  }

  private String object(Continuation continuation) {
    ObjectNode line = JSON.createObjectNode();
    line.put("index", continuation.prompt());
    line.put("sample", continuation.sample());
    line.put("prompt", prompts.get(continuation.prompt()).text());
    line.put("text", continuation.text());
    line.put("finish", continuation.finish().name().toLowerCase(Locale.ROOT));
    continuation
        .score()
        .ifPresentOrElse(
            score -> line.put("score", score), () -> line.put("seed", continuation.seed()));
    line.put("promptTokens", continuation.promptTokens());
    continuation.tokens().forEach(line.putArray("tokens")::add);
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String summary(Throughput throughput) {
    String decoding =
        String.format(
            Locale.ROOT,
            "decoding %d tokens, %.1f tokens/s",
            throughput.decodedTokens(),
            throughput.decodedTokensPerSecond());
    return throughput.promptTokens() == 0
        ? decoding
        : String.format(
            Locale.ROOT,
            "prompts %d tokens, %.1f tokens/s; %s",
            throughput.promptTokens(),
            throughput.promptTokensPerSecond(),
            decoding);
  }
}
