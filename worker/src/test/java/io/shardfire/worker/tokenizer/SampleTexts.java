package io.shardfire.worker.tokenizer;

import java.util.List;

/** Texts in which tokenizers commonly go wrong. */
final class SampleTexts {
  static final List<String> TRICKY =
      List.of(
          "",
          " ",
          "  ",
          "a",
          " a",
          "a ",
          "  a  b   ",
          "\n",
          "a\nb\r\nc\n\n\nd",
          "\t\tx = 1;\n\t\t\ty  = 22 ;",
          "It's we'll they've I'd you're I'm don't 'S 'Ll ''s '",
          "'",
          "'r",
          "'re",
          "x'res",
          " 're 's",
          "a\u00A0b\u00A0 c \u00A0d\u2003\u2003e\u3000f\u0085g\u2028h\u202Fi\u1680j",
          "1234 5\u00BD \u2167 \u0663\u0664 x2y3",
          "caf\u00E9 cafe\u0301 na\u00EFve \u00DF\u0130\u0131",
          "\u65E5\u672C\u8A9E\u306E\u30C6\u30AD\u30B9\u30C8 \uD55C\uAD6D\uC5B4",
          "\uD83D\uDE00\uD83D\uDC69\u200D\uD83D\uDC69\u200D\uD83D\uDC67 \uD83C\uDDE9\uD83C\uDDEA!",
          "\uD835\uDD38\uD835\uDFD9 \uD869\uDED6",
          "zero\u0000width\u200B\u200D\uFEFFjoin",
          "!!! ... --- \u2014\u201Cquoted\u201D $100% #tag @you_too",
          "\u0870\uA7D0 \uD802\uDD40 \uD836\uDD00",
          "\u05E9\u05DC\u05D5\u05DD \u0639\u0631\u0628\u064A \u0928\u092E\u0938\u094D\u0924\u0947");

  private SampleTexts() {}
}
