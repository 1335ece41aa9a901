package io.shardfire.driver.source;

import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.forall;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardfire.worker.tokenizer.AddedTokens;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Conversations as documents in ChatML: each message, in order, as
 *
 * <pre>
 *   &lt;|im_start|&gt;role
 *   content&lt;|im_end|&gt;
 * </pre>
 *
 * with a line end behind it. The markers are to be tokens. What somebody says in a conversation
 * must not end the turn and begin another one, so a row that spells a special token is not kept
 * ({@link RowSelection#SPELLED}).
 */
final class Conversations {
  private static final String ROLE = "role";
  private static final String CONTENT = "content";
  private static final String LINE_END = "\n";

  /** The form in which they are judged and written: null where the row holds none of that form. */
  private static final DataType MESSAGES =
      DataTypes.createArrayType(
          new StructType().add(ROLE, DataTypes.StringType).add(CONTENT, DataTypes.StringType));

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private Conversations() {}

  /**
   * A column of them, in the form that the others of this class take; empty where the type is
   * another. Other fields of a message are left out.
   */
  static Optional<Column> read(Column column, DataType type) {
    if (type instanceof StringType) {
      return Optional.of(
          udf((UDF1<String, List<Row>>) Conversations::parsed, MESSAGES).apply(column));
    }
    if (!(type instanceof ArrayType array)
        || !(array.elementType() instanceof StructType message)) {
      return Optional.empty();
    }
    Optional<String> role = textField(message, ROLE);
    Optional<String> content = textField(message, CONTENT);
    if (role.isEmpty() || content.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        coalesce(
            transform(
                column,
                one ->
                    struct(
                        one.getField(role.get()).as(ROLE),
                        one.getField(content.get()).as(CONTENT))),
            from_json(lit("[]"), MESSAGES)));
  }

  private static Optional<String> textField(StructType message, String name) {
    return SourceColumns.find(List.of(message.fields()), name)
        .filter(field -> field.dataType() instanceof StringType)
        .map(StructField::name);
  }

  /** The messages of a JSON array; none in no text; null where it is anything else. */
  private static List<Row> parsed(String json) {
    if (json == null || json.isBlank()) {
      return List.of();
    }
    JsonNode array;
    try {
      array = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      // Counted, as Spark's own readers do with what they cannot parse.
      return null;
    }
    if (array.isNull()) {
      return List.of();
    }
    if (!array.isArray()) {
      return null;
    }
    List<Row> messages = new ArrayList<>();
    for (JsonNode message : array) {
      JsonNode role = message.path(ROLE);
      JsonNode content = message.path(CONTENT);
      if (!isText(role) || !isText(content)) {
        return null;
      }
      messages.add(RowFactory.create(role.textValue(), content.textValue()));
    }
    return messages;
  }

  private static boolean isText(JsonNode value) {
    return value.isTextual() && StandardCharsets.UTF_8.newEncoder().canEncode(value.textValue());
  }

  /**
   * The state of a row.
   *
   * @param messages as {@link #read} gives them
   * @param specials the special tokens that they must not spell
   */
  static Column state(Column messages, List<String> specials) {
    Column state =
        when(
                messages.isNull().or(exists(messages, Conversations::malformed)),
                RowSelection.MALFORMED)
            .when(
                forall(messages, message -> RowSelection.blank(message.getField(CONTENT))),
                RowSelection.BLANK);
    if (!specials.isEmpty()) {
      String spelled = anyOf(specials);
      state =
          state.when(
              exists(
                  messages,
                  message ->
                      message
                          .getField(ROLE)
                          .rlike(spelled)
                          .or(message.getField(CONTENT).rlike(spelled))),
              RowSelection.SPELLED);
    }
    return state.otherwise(RowSelection.KEPT);
  }

  /** A role is a line of its own. */
  private static Column malformed(Column message) {
    Column role = message.getField(ROLE);
    return RowSelection.blank(role)
        .or(role.contains(LINE_END))
        .or(message.getField(CONTENT).isNull());
  }

  /** Where one of them may begin is seen by a character, for a vocabulary may have hundreds. */
  private static String anyOf(List<String> specials) {
    String first =
        specials.stream()
            .map(special -> "\\x{%x}".formatted(special.codePointAt(0)))
            .distinct()
            .collect(Collectors.joining());
    return specials.stream()
        .map(Pattern::quote)
        .collect(Collectors.joining("|", "(?=[" + first + "])(?:", ")"));
  }

  /** The document. */
  static Column text(Column messages) {
    return array_join(
        transform(
            messages,
            message ->
                concat(
                    lit(AddedTokens.MESSAGE_START),
                    message.getField(ROLE),
                    lit(LINE_END),
                    message.getField(CONTENT),
                    lit(AddedTokens.MESSAGE_END),
                    lit(LINE_END))),
        "");
  }
}
