package io.shardfire.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddingsTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String model;

  @BeforeEach
  void writeModel() throws IOException {
    model = SampleModel.write(folder.resolve("model"), SampleModel.gpt2()).toString();
  }

  @Test
  void shouldShowNeighboursOfTokensAndOfWords() {
    assertEquals(
        ExitCode.OK,
        embeddings("-m", model, "--nearest", "a", "--nearest", "abb", "--top", "2"),
        err::toString);

    // Tokens eight apart share a vector.
    assertEquals(
        """
        a is the token a (0)
            cosine       id  token
            1.0000        8  i
            0.0000        1  b
        abb is the mean of 3 tokens: a (0), b (1), b (1)
            cosine       id  token
            0.8944        9  j
            0.4472        8  i
        """,
        out.toString());
  }

  @Test
  void shouldSolveAnalogies() {
    assertEquals(
        ExitCode.OK,
        embeddings("-m", model, "--analogy", "ab", "b", "c", "--top", "2"),
        err::toString);

    assertEquals(
        """
        ab - b + c
          ab is the mean of 2 tokens: a (0), b (1)
          b is the token b (1)
          c is the token c (2)
            cosine       id  token
            0.8165       10  k
            0.4082        8  i
        """,
        out.toString());
  }

  @Test
  void shouldExportForTheProjector() throws IOException {
    Path projector = folder.resolve("made/projector");

    assertEquals(
        ExitCode.OK, embeddings("-m", model, "--export", projector.toString()), err::toString);

    assertEquals("Wrote 11 vectors of 8 dims to " + projector + "\n", out.toString());
    List<String> vectors = Files.readAllLines(projector.resolve("vectors.tsv"));
    assertEquals(11, vectors.size());
    assertEquals("0.0\t1.0\t0.0\t0.0\t0.0\t0.0\t0.0\t0.0", vectors.get(9));
    List<String> metadata = Files.readAllLines(projector.resolve("metadata.tsv"));
    assertEquals(List.of("token\tid", "a\t0", "b\t1"), metadata.subList(0, 3));
    assertEquals(12, metadata.size());
    assertEquals(
        """
        embeddings {
          tensor_name: "tokens"
          tensor_path: "vectors.tsv"
          metadata_path: "metadata.tsv"
        }
        """,
        Files.readString(projector.resolve("projector_config.pbtxt")));
  }

  @Test
  void shouldAskWhatToDo() {
    assertEquals(ExitCode.USAGE, embeddings("-m", model));
    assertEquals(
        "error: Say what to do: --nearest, --analogy or --export.\nTry 'embeddings --help'.\n",
        err.toString());
  }

  @Test
  void shouldRefuseWhatTheVocabularyLacks() {
    assertEquals(ExitCode.FAILURE, embeddings("-m", model, "--nearest", "az"));
    assertEquals(
        "error: The vocabulary lacks a character of the text: character=U+007A 'z', position=1,"
            + " known characters=11; leave the character out, or prepare the corpus anew with it\n",
        err.toString());
  }

  @Test
  void shouldRefuseAnEmptyWord() {
    assertEquals(ExitCode.FAILURE, embeddings("-m", model, "--nearest", ""));
    assertEquals(
        "error: A word has at least one token, all of which the model has vectors for: word='',"
            + " ids=[], vectors=11\n",
        err.toString());
  }

  @Test
  void shouldRefuseAnAnalogyOfOtherThanThreeWords() {
    assertEquals(ExitCode.USAGE, embeddings("-m", model, "--analogy", "a", "b"));
    assertEquals(
        ExitCode.FAILURE,
        embeddings("-m", model, "--analogy", "a", "b", "c", "--analogy", "a", "b", "c"));
    assertEquals(ExitCode.FAILURE, embeddings("-m", model, "--nearest", "a", "--top", "0"));
    assertEquals(
        """
        error: option '--analogy' at index 0 (WORD) requires at least 3 values, but only 2 were specified: [a, b]
        Try 'embeddings --help'.
        error: --analogy can be given once, with three words: words=[a, b, c, a, b, c]
        error: --top must be at least 1: --top=0
        """,
        err.toString());
  }

  private int embeddings(String... arguments) {
    return Commands.create(new Embeddings(), new PrintWriter(out), new PrintWriter(err))
        .execute(arguments);
  }
}
