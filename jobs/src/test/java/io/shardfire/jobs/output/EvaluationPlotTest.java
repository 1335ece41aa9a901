package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.inspect.Losses;
import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

final class EvaluationPlotTest {
  @Test
  void shouldDrawLossesByContextAndByPosition() throws Exception {
    Document svg =
        parse(
            List.of(
                row("a & <b>", 8, 2),
                row("a & <b>", 16, 3),
                new EvaluationRow("c", "learned", 8, 8, Optional.of(losses(8, 1))),
                new EvaluationRow("c", "learned", 8, 16, Optional.empty())));

    List<String> texts = texts(svg);
    assertTrue(
        texts.containsAll(
            List.of(
                "Loss by context",
                "context, tokens",
                "loss, nats per token",
                "Loss by position in the longest window",
                "position in the window, tokens",
                "trained context",
                "a & <b> (rope, trained at 8)",
                "c (learned, trained at 8; learned positions end at 8)")),
        texts.toString());
    NodeList lines = svg.getElementsByTagName("polyline");
    assertEquals(4, lines.getLength());
    // From the trained context at the left to twice that at the right.
    String byContext = lines.item(0).getAttributes().getNamedItem("points").getNodeValue();
    assertTrue(byContext.matches("0\\.0,[\\d.]+ 380\\.0,[\\d.]+"), byContext);
    // The larger the loss, the higher, within the axes.
    double[] heights =
        Arrays.stream(byContext.split(" "))
            .mapToDouble(point -> Double.parseDouble(point.substring(point.indexOf(',') + 1)))
            .toArray();
    assertTrue(heights[1] > 0 && heights[1] < heights[0] && heights[0] < 280, byContext);
  }

  @Test
  void shouldDrawOneContextByPositionAlone() throws Exception {
    Document svg = parse(List.of(row("a", 8, 2)));

    assertFalse(texts(svg).contains("Loss by context"));
    assertEquals(1, svg.getElementsByTagName("polyline").getLength());
  }

  private static EvaluationRow row(String model, int context, double loss) {
    return new EvaluationRow(model, "rope", 8, context, Optional.of(losses(context, loss)));
  }

  private static Losses losses(int context, double loss) {
    double[] sums = new double[context];
    Arrays.fill(sums, 5 * loss);
    return new Losses(sums, 5, 3, 40);
  }

  private static Document parse(List<EvaluationRow> rows) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(EvaluationPlot.of(rows))));
  }

  private static List<String> texts(Document svg) {
    NodeList texts = svg.getElementsByTagName("text");
    return IntStream.range(0, texts.getLength())
        .mapToObj(i -> texts.item(i).getTextContent())
        .toList();
  }
}
