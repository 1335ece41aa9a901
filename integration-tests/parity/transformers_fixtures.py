"""Writes small random models with Hugging Face's transformers, and the logits they compute, as test data.

    python -m venv venv && venv/bin/pip install torch transformers safetensors
    venv/bin/python integration-tests/parity/transformers_fixtures.py worker/src/test/resources/huggingface

Each folder gets config.json, model.safetensors and expected.json: token ids, their logits and the mean loss of
predicting each token from those before it. The tests compare with them; they need no Python.
"""

import json
import pathlib
import sys

import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

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


def main():
    target = pathlib.Path(sys.argv[1])
    for seed, (name, make) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        write(target / name, make())
        print(name)


main()
