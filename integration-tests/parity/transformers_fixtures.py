"""Writes small random models with Hugging Face's transformers, and the logits they compute, as test data.

    python -m venv venv && venv/bin/pip install torch transformers safetensors
    venv/bin/python integration-tests/parity/transformers_fixtures.py worker/src/test/resources/huggingface

Each folder gets config.json, model.safetensors and expected.json: what the model read, its logits and its mean loss.
A decoder predicts each token from those before it, an encoder some tokens of two sentences and whether the second
follows, an encoder-decoder a target from a source that is padded. One folder also gets generation.json: what
generate() makes of prompts with repetition penalties and with beams, and what the filters of sampling leave. The tests
compare with them; they need no Python.

    venv/bin/python integration-tests/parity/transformers_fixtures.py --check FOLDER...

loads folders that Shardfire wrote, with what was read there in expected.json, and compares loss and keys.
"""

import json
import pathlib
import sys

import torch
import transformers
from transformers import (
    AutoConfig,
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MarianConfig,
    MarianMTModel,
    T5Config,
    T5ForConditionalGeneration,
)
from transformers.generation.logits_process import (
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

TOKENS = 13
SOURCE = 11
SOURCE_PADDING = 3
VOCABULARY = 37


def gpt2(**changes):
    settings = dict(n_layer=2, n_head=3, n_embd=24, n_positions=17, vocab_size=37)
    return GPT2LMHeadModel(GPT2Config(**(settings | changes)))


def llama(**changes):
    settings = dict(
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        hidden_size=48,
        intermediate_size=40,
        max_position_embeddings=17,
        vocab_size=37,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
    )
    return LlamaForCausalLM(LlamaConfig(**(settings | changes)))


def bert(model, **changes):
    settings = dict(
        num_hidden_layers=2,
        num_attention_heads=3,
        hidden_size=24,
        intermediate_size=40,
        max_position_embeddings=TOKENS,
        vocab_size=VOCABULARY,
    )
    return model(BertConfig(**(settings | changes)))


def t5(**changes):
    settings = dict(
        num_layers=2,
        num_decoder_layers=2,
        num_heads=3,
        d_model=24,
        d_kv=8,
        d_ff=40,
        vocab_size=VOCABULARY,
        relative_attention_num_buckets=8,
        relative_attention_max_distance=12,
        decoder_start_token_id=0,
    )
    return T5ForConditionalGeneration(T5Config(**(settings | changes)))


def untied(model):
    model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight) * 0.2)
    return model


def marian(**changes):
    settings = dict(
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=3,
        decoder_attention_heads=3,
        d_model=24,
        encoder_ffn_dim=40,
        decoder_ffn_dim=40,
        vocab_size=VOCABULARY,
        max_position_embeddings=17,
        activation_function="relu",
        scale_embedding=True,
        pad_token_id=VOCABULARY - 1,
        decoder_start_token_id=VOCABULARY - 1,
    )
    return MarianMTModel(MarianConfig(**(settings | changes)))


MODELS = {
    "gpt2": lambda: gpt2(),
    "gpt2-inner": lambda: gpt2(n_inner=40, layer_norm_epsilon=1e-3),
    "llama": lambda: llama(),
    "llama-multi-head": lambda: llama(
        num_key_value_heads=6,
        rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0},
    ),
    "llama-multi-query-tied": lambda: llama(num_key_value_heads=1, tie_word_embeddings=True),
    "bert": lambda: bert(BertForMaskedLM),
    "bert-sentences": lambda: bert(BertForPreTraining, hidden_act="relu", layer_norm_eps=1e-6),
    "t5": lambda: t5(),
    "t5-gated": lambda: t5(feed_forward_proj="gated-gelu", tie_word_embeddings=False, num_layers=1, d_kv=10),
    "t5-untied": lambda: untied(t5(feed_forward_proj="gated-silu", tie_word_embeddings=False, num_decoder_layers=3)),
    "marian": lambda: marian(),
    "marian-unscaled": lambda: marian(scale_embedding=False, encoder_layers=1, activation_function="swish"),
}


def read(model):
    """What the model reads, by the names of the library's arguments."""
    ids = torch.randint(0, model.config.vocab_size, (1, TOKENS))
    if model.config.is_encoder_decoder:
        source = torch.randint(0, model.config.vocab_size, (1, SOURCE))
        mask = torch.ones_like(source)
        mask[0, SOURCE - SOURCE_PADDING :] = 0
        targets = torch.randint(0, model.config.vocab_size, (1, TOKENS))
        targets[0, TOKENS - 2 :] = -100
        return dict(input_ids=source, attention_mask=mask, decoder_input_ids=ids, labels=targets)
    if not isinstance(model, (BertForMaskedLM, BertForPreTraining)):
        return dict(input_ids=ids, labels=ids)
    segments = torch.zeros_like(ids)
    segments[0, TOKENS // 2 :] = 1
    mask = torch.ones_like(ids)
    mask[0, TOKENS - 2 :] = 0
    targets = torch.where(torch.rand(1, TOKENS) < 0.4, torch.randint(0, model.config.vocab_size, (1, TOKENS)), -100)
    targets[0, 0] = 5
    targets[0, TOKENS - 2 :] = -100
    given = dict(input_ids=ids, token_type_ids=segments, attention_mask=mask, labels=targets)
    if isinstance(model, BertForPreTraining):
        given["next_sentence_label"] = torch.tensor([1])
    return given


def write(folder, model):
    model.eval()
    with torch.no_grad():
        for parameter in filter(lambda parameter: parameter.requires_grad, model.parameters()):
            # Far from the initial values, so that every part of the model matters.
            parameter.add_(torch.randn_like(parameter) * 0.2)
        for name, buffer in model.named_buffers():
            if name == "final_logits_bias":
                buffer.add_(torch.randn_like(buffer) * 0.2)
        given = read(model)
        output = model(**given)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    expected = {"transformers": transformers.__version__}
    if len(given) == 2:
        expected["ids"] = given["input_ids"][0].tolist()
    else:
        expected |= {name: tensor.flatten().tolist() for name, tensor in given.items()}
    expected["loss"] = output.loss.item()
    expected["logits"] = logits(output)[0].flatten().tolist()
    if "next_sentence_label" in given:
        expected["sentence_logits"] = output.seq_relationship_logits[0].tolist()
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def generated(model, prompt, end=None, **settings):
    """Token ids behind the prompt, best first, with the end and without what pads behind it."""
    output = model.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        do_sample=False,
        eos_token_id=end,
        pad_token_id=-1 if end is None else end,
        return_dict_in_generate=True,
        output_scores=True,
        **settings,
    )
    sequences = []
    for sequence in output.sequences[:, len(prompt) :].tolist():
        stop = sequence.index(end) + 1 if end in sequence else len(sequence)
        sequences.append(sequence[:stop])
    return sequences, output


def greedy(model):
    for prompt in ([3, 30, 0, 7], [5, 5, 36]):
        for penalty in (1.0, 1.3, 2.5, 0.7):
            sequences, _ = generated(model, prompt, max_new_tokens=12, repetition_penalty=penalty)
            yield {"prompt": prompt, "repetitionPenalty": penalty, "tokens": sequences[0]}


def beams(model):
    for case in range(24):
        prompt = torch.randint(0, model.config.vocab_size, (1 + case % 4,)).tolist()
        settings = {
            "beams": (2, 3, 5)[case % 3],
            "lengthPenalty": (1.0, 0.0, 2.0, -1.0)[case // 3 % 4],
            "repetitionPenalty": 1.2 if case % 5 == 4 else 1.0,
        }
        # An end that comes early, late or never.
        likely, _ = generated(model, prompt, max_new_tokens=10, num_beams=settings["beams"])
        end = likely[0][case % 8] if case % 6 else 0
        sequences, output = generated(
            model,
            prompt,
            end,
            max_new_tokens=10,
            num_beams=settings["beams"],
            num_return_sequences=2,
            length_penalty=settings["lengthPenalty"],
            repetition_penalty=settings["repetitionPenalty"],
        )
        yield settings | {
            "prompt": prompt,
            "end": end,
            "sequences": sequences,
            "scores": output.sequences_scores.tolist(),
        }


def filters():
    for temperature, k, p, min_p in (
        (1.0, 0, 1.0, 0.0),
        (0.7, 5, 1.0, 0.0),
        (1.3, 0, 0.8, 0.0),
        (1.0, 0, 1.0, 0.1),
        (0.9, 12, 0.9, 0.05),
        (2.0, 3, 0.5, 0.5),
    ):
        logits = torch.randn(1, 24) * 3
        warpers = [TemperatureLogitsWarper(temperature)]
        if k:
            warpers.append(TopKLogitsWarper(k))
        if p < 1:
            warpers.append(TopPLogitsWarper(p))
        if min_p:
            warpers.append(MinPLogitsWarper(min_p))
        scores = logits
        for warper in warpers:
            scores = warper(None, scores)
        yield {
            "temperature": temperature,
            "topK": k,
            "topP": p,
            "minP": min_p,
            "logits": logits[0].tolist(),
            "probabilities": scores.softmax(-1)[0].tolist(),
        }


def write_generation(folder, model):
    with torch.no_grad():
        expected = {
            "transformers": transformers.__version__,
            "greedy": list(greedy(model)),
            "beams": list(beams(model)),
            "filters": list(filters()),
        }
    (folder / "generation.json").write_text(json.dumps(expected) + "\n")


def logits(output):
    return output.prediction_logits if hasattr(output, "prediction_logits") else output.logits


def check(folder):
    """Loads a folder that Shardfire wrote; prints keys that do not fit, its loss here and there."""
    config = AutoConfig.from_pretrained(folder)
    kind = getattr(transformers, config.architectures[0])
    model, loading = kind.from_pretrained(folder, output_loading_info=True)
    model.eval()
    expected = json.loads((folder / "expected.json").read_text())
    names = [name for name in expected if name.endswith(("ids", "mask", "labels", "label"))]
    given = {name: torch.tensor([expected[name]]) for name in names}
    if "next_sentence_label" in given:
        given["next_sentence_label"] = given["next_sentence_label"][0]
    with torch.no_grad():
        output = model(**given)
    difference = (logits(output)[0].flatten() - torch.tensor(expected["logits"])).abs().max().item()
    print(
        f"{folder.name} {config.architectures[0]}: missing {sorted(loading['missing_keys'])},"
        f" unexpected {sorted(loading['unexpected_keys'])}, loss {output.loss.item():.6f}"
        f" and {expected['loss']:.6f}, largest difference of logits {difference:.1e}"
    )


def main():
    if sys.argv[1] == "--check":
        for folder in sys.argv[2:]:
            check(pathlib.Path(folder))
        return
    target = pathlib.Path(sys.argv[1])
    for seed, (name, make) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        model = make()
        write(target / name, model)
        if name == "gpt2":
            write_generation(target / name, model)
        print(name)


main()
