"""Writes small random models with Hugging Face's transformers, and the logits they compute, as test data.

    python -m venv venv && venv/bin/pip install torch transformers safetensors
    venv/bin/python integration-tests/parity/transformers_fixtures.py worker/src/test/resources/huggingface

Each folder gets config.json, model.safetensors and expected.json: token ids, their logits and the mean loss of
predicting each token from those before it. One folder also gets generation.json: what generate() makes of prompts
with repetition penalties and with beams, and what the filters of sampling leave. The tests compare with them; they
need no Python.
"""

import json
import pathlib
import sys

import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM
from transformers.generation.logits_process import (
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

TOKENS = 13


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
}


def write(folder, model):
    model.eval()
    with torch.no_grad():
        for parameter in model.parameters():
            # Far from the initial values, so that every part of the model matters.
            parameter.add_(torch.randn_like(parameter) * 0.2)
        ids = torch.randint(0, model.config.vocab_size, (1, TOKENS))
        output = model(ids, labels=ids)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    expected = {
        "transformers": transformers.__version__,
        "ids": ids[0].tolist(),
        "loss": output.loss.item(),
        "logits": output.logits[0].flatten().tolist(),
    }
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


def main():
    target = pathlib.Path(sys.argv[1])
    for seed, (name, make) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        model = make()
        write(target / name, model)
        if name == "gpt2":
            write_generation(target / name, model)
        print(name)


main()
