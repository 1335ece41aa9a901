"""Writes small random models of PyTorch's recurrent layers, and the logits they compute, as test data.

    python -m venv venv && venv/bin/pip install torch numpy safetensors
    venv/bin/python integration-tests/parity/recurrent_fixtures.py worker/src/test/resources/pytorch

Each folder gets config.json, model.safetensors and expected.json, as those of transformers_fixtures.py.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

LAYERS = 2
WIDTH = 24
VOCABULARY = 37
TOKENS = 13


class Model(torch.nn.Module):
    """Embedding, layers, and the embedding's table once more; its names are those of the file."""

    def __init__(self, cell, bias):
        super().__init__()
        self.embedding = torch.nn.ModuleDict({"tokens": torch.nn.Embedding(VOCABULARY, WIDTH)})
        self.rnn = cell(WIDTH, WIDTH, num_layers=LAYERS, bias=bias, batch_first=True)

    def forward(self, ids):
        tokens = self.embedding["tokens"]
        hidden, _ = self.rnn(tokens(ids))
        return hidden @ tokens.weight.T


CELLS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


def configuration(cell, bias):
    model = dict(
        kind="DECODER",
        cell=cell.upper(),
        layers=LAYERS,
        encoderLayers=0,
        heads=1,
        keyValueHeads=0,
        headWidth=0,
        width=WIDTH,
        feedForwardWidth=0,
        context=TOKENS,
        sourceContext=0,
        vocabularySize=VOCABULARY,
        dropout=0.0,
        norm="LAYER",
        normPlacement="PRE",
        normEpsilon=1e-5,
        activation="GELU_TANH",
        gated=False,
        positions="NONE",
        ropeBase=10000.0,
        relativeBuckets=32,
        relativeDistance=128,
        window=0,
        scaledAttention=True,
        biases=bias,
        tiedEmbeddings=True,
        sharedEmbeddings=True,
        scaledEmbeddings=False,
        embeddingNorm=False,
        segments=0,
        head="PLAIN",
        sentenceHead=False,
    )
    return dict(
        architectures=["ShardfireForCausalLM"], model_type="shardfire", model=model, tie_word_embeddings=True
    )


def write(folder, cell, bias):
    model = Model(CELLS[cell], bias)
    ids = torch.randint(0, VOCABULARY, (1, TOKENS))
    with torch.no_grad():
        for parameter in model.rnn.parameters():
            # Far from the initial values, so that every part of the cell matters.
            parameter.add_(torch.randn_like(parameter) * 0.3)
        logits = model(ids)[0]
        loss = torch.nn.functional.cross_entropy(logits[:-1], ids[0, 1:])
    folder.mkdir(parents=True, exist_ok=True)
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(configuration(cell, bias), indent=2) + "\n")
    expected = dict(torch=torch.__version__, ids=ids[0].tolist(), loss=loss.item(), logits=logits.flatten().tolist())
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def main():
    target = pathlib.Path(sys.argv[1])
    for seed, cell in enumerate(CELLS):
        for bias in (True, False):
            torch.manual_seed(2 * seed + bias)
            write(target / (cell if bias else cell + "-unbiased"), cell, bias)


main()
