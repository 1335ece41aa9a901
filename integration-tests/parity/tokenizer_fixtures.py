"""Writes small tokenizers of every published kind with Hugging Face's libraries, and what they make of texts, as test data.

    python -m venv venv && venv/bin/pip install transformers tokenizers sentencepiece protobuf
    venv/bin/python integration-tests/parity/tokenizer_fixtures.py worker/src/test/resources/tokenizers

Each folder gets tokenizer.json and tokenizer_config.json, of the form in which models of that kind are published, and
expected.json: the ids of each text with special tokens as such ("parsed") and as plain characters ("plain"), what the
ids decode to, and the ids with what the post-processor adds ("whole"). The tests need no Python.

    venv/bin/python integration-tests/parity/tokenizer_fixtures.py --check FOLDER...

loads checkpoints that Shardfire wrote from these tokenizers with AutoTokenizer and compares ids.
"""

import io
import json
import pathlib
import sys

import sentencepiece
import transformers
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

CORPUS = """\
the lion is a large gregarious predatory feline of africa and india
a whale is a large sea animal that breathes air and feeds its young
the red fox hunts at night, and the grey wolf hunts with others of its kind
an oak is a deciduous tree; its seeds are acorns
a small bird that sings in the morning, in gardens and in the woods
what is it? it is the sea! don't go there, she said: we'll wait
numbers such as 1, 2, 10, 42, 1999 and 2024 are written with digits
der löwe ist ein großes tier, und der wal ist größer
die katze schläft über dem haus; müde bären träumen
le lion est un grand animal, et la baleine est un être énorme
où sont les élèves? ils sont déjà à la forêt
el niño come una manzana y el pingüino nada en el mar
the quick brown fox jumps over the lazy dog
The Lion, The Whale And The Fox Are Animals; Oaks Are Not
読む 本 を 読む 山 と 川 山 川 水
reading and writing, hunting and singing, sleeping and waking
""".splitlines()

SPECIAL_BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SENTINELS = [f"<extra_id_{span}>" for span in range(9, -1, -1)]

TEXTS = [
    "the lion hunts at night",
    "The LION hunts, doesn't it?",
    "Où sont les élèves? Größe, pingüino.",
    "cafe\u0301 and caf\u00e9",
    "読む山と川",
    "a \U0001F981 roars \U0001F469\u200D\U0001F52C",
    "tabs\tand\nlines\r\nand \u0007 bells\u0000",
    "",
    " ",
    "     ",
    " leading and trailing ",
    "two  spaces,   three",
    "\u3000wide\u00a0spaces\u2009here",
    "\uff34\uff48\uff45 \uff11\uff12 \ufb01sh",
    "x" * 150,
    "lion" * 60,
    "\u202eright to left \u05d0\u05d1\u05d2 \u0627\u0628",
    "\u2581 the lower block \u2581lion",
    "[CLS] a [MASK] hunts [SEP]",
    "a </s> b <s> c<pad> <extra_id_0> <unk> d",
    "<|begin_of_text|>the lion<|end_of_text|>",
    "##ing <0x41> \ufffd \ufdd0</s>\ufdd0",
    "e\u0323\u0302\u0301 \u1e9e \u0130",
]


def special(token):
    return AddedToken(token, special=True, normalized=False)


def template(begin, end, ids):
    return processors.TemplateProcessing(
        single=begin + ["$A"] + end,
        pair=begin + ["$A"] + end + ["$B"] + end,
        special_tokens=[(token, ids(token)) for token in dict.fromkeys(begin + end)],
    )


def word_piece(lowercase):
    """BERT's: words that are cut into pieces, those inside a word marked."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    tokenizer.train_from_iterator(
        CORPUS, trainers.WordPieceTrainer(vocab_size=260, special_tokens=[special(t) for t in SPECIAL_BERT])
    )
    tokenizer.post_processor = template(["[CLS]"], ["[SEP]"], tokenizer.token_to_id)
    roles = dict(unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]", mask_token="[MASK]")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **roles), None


def sentence_pieces(**settings):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=model, minloglevel=2, **settings
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto, sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def unigram(rules):
    """T5's: the likeliest pieces, spaces written as a lower block, characters normalised by a compiled table."""
    proto, processor = sentence_pieces(
        vocab_size=160,
        model_type="unigram",
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        normalization_rule_tsv=str(rules),
    )
    pieces = [(piece.piece, piece.score) for piece in proto.pieces] + [(token, 0.0) for token in SENTINELS]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.add_special_tokens([special(token) for token in ["<pad>", "</s>", "<unk>"] + SENTINELS])
    tokenizer.post_processor = template([], ["</s>"], tokenizer.token_to_id)
    roles = dict(eos_token="</s>", unk_token="<unk>", pad_token="<pad>")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **roles), processor


def byte_fallback():
    """Llama 2's: merges over characters, spaces written as a lower block, unknown characters as bytes."""
    proto, _ = sentence_pieces(vocab_size=440, model_type="bpe", byte_fallback=True, normalization_rule_name="identity")
    vocabulary = {piece.piece: id for id, piece in enumerate(proto.pieces)}
    # Pieces stand in the order in which they were merged; of several ways to make one, the one of the oldest parts.
    merges = []
    for piece in proto.pieces:
        parts = [(piece.piece[:cut], piece.piece[cut:]) for cut in range(1, len(piece.piece))]
        known = [pair for pair in parts if pair[0] in vocabulary and pair[1] in vocabulary]
        merges += sorted(known, key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]
    )
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens([special(token) for token in ("<unk>", "<s>", "</s>")])
    tokenizer.post_processor = template(["<s>"], [], tokenizer.token_to_id)
    roles = dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **roles), None


def byte_level():
    """Llama 3's: byte-level merges with a pattern of its own, whole words first, other special tokens."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    pattern = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=330, initial_alphabet=alphabet))
    tokenizer.add_special_tokens([special(token) for token in ("<|begin_of_text|>", "<|end_of_text|>")])
    tokenizer.post_processor = processors.Sequence(
        [processors.ByteLevel(trim_offsets=False), template(["<|begin_of_text|>"], [], tokenizer.token_to_id)]
    )
    roles = dict(bos_token="<|begin_of_text|>", eos_token="<|end_of_text|>")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, clean_up_tokenization_spaces=False, **roles), None


def expected(tokenizer, processor):
    for text in TEXTS:
        parsed = tokenizer(text, add_special_tokens=False)["input_ids"]
        if processor and any(token in text for token in tokenizer.all_special_tokens + SENTINELS):
            # The library finds special tokens among a unigram model's pieces; SentencePiece takes them for text.
            plain = processor.encode(text)
        else:
            plain = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        yield dict(
            text=text,
            parsed=parsed,
            plain=plain,
            whole=tokenizer(text)["input_ids"],
            decoded=tokenizer.backend_tokenizer.decode(plain),
        )


def write(folder, tokenizer, processor):
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder)
    content = {"transformers": transformers.__version__, "texts": list(expected(tokenizer, processor))}
    (folder / "expected.json").write_text(json.dumps(content, indent=1) + "\n")


def check(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    reference = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    different = [text for text in TEXTS if tokenizer(text)["input_ids"] != reference(text)["input_ids"]]
    roles = {name: str(token) for name, token in tokenizer.special_tokens_map.items() if "additional" not in name}
    print(f"{folder.name} {type(tokenizer).__name__}: {len(different)} of {len(TEXTS)} texts differ, {roles}")


def main():
    if sys.argv[1] == "--check":
        for folder in sys.argv[2:]:
            check(pathlib.Path(folder))
        return
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    rules = target / "rules.tsv"
    # Full-width letters and digits, a ligature, and spaces of other widths.
    table = [(0xFF10 + i, str(i)) for i in range(10)] + [(0xFF21 + i, chr(0x41 + i)) for i in range(26)]
    table += [(0xFF41 + i, chr(0x61 + i)) for i in range(26)] + [(0xFB01, "fi"), (0xA0, " "), (0x2009, " "), (0x3000, " ")]
    rules.write_text("".join(f"{code:X}\t{' '.join(f'{ord(c):X}' for c in text)}\n" for code, text in table))
    write(target / "word-piece", *word_piece(lowercase=True))
    write(target / "word-piece-cased", *word_piece(lowercase=False))
    write(target / "unigram", *unigram(rules))
    write(target / "byte-fallback", *byte_fallback())
    write(target / "byte-level", *byte_level())
    rules.unlink()


main()
