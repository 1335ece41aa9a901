"""Trains the nanoGPT CPU recipe in PyTorch on a corpus that `shardfire prepare` wrote.

A comparison for Shardfire's own run: same token shards, same model shape, same hyperparameters, same
number of steps; only the random initialisation and the sample order differ. Prints the validation
loss over windows spread evenly over the validation split, as Shardfire's own validation is.

    python nanogpt_pytorch.py PREPARED_FOLDER [STEPS] [SEED]

Needs torch and numpy.
"""

import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

LAYERS, HEADS, WIDTH, CONTEXT, BATCH = 4, 4, 128, 64, 12
PEAK, FLOOR, WARMUP = 1e-3, 1e-4, 100
BETAS, DECAY, CLIP = (0.9, 0.99), 0.1, 1.0
WINDOWS = 2400  # of the validation split; training.evaluationBatches=400 with microBatch=6
HEADER_BYTES = 64  # of a token shard; the ids follow


def read_split(folder, split):
    """All ids of one split as one int64 array."""
    index = json.loads((folder / "index.json").read_text())
    width = 2 if index["vocabularySize"] <= 65536 else 4
    parts = []
    for shard in index["shards"]:
        if shard["split"] == split:
            raw = (folder / shard["file"]).read_bytes()
            kind = "<u2" if width == 2 else "<u4"
            ids = np.frombuffer(raw, dtype=kind, count=shard["tokens"], offset=HEADER_BYTES)
            parts.append(ids.astype(np.int64))
    return torch.from_numpy(np.concatenate(parts)), index["vocabularySize"]


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.register_buffer("mask", torch.ones(CONTEXT, CONTEXT).tril() == 0, persistent=False)

    def forward(self, x):
        batch, time_, _ = x.shape
        q, k, v = (
            part.view(batch, time_, HEADS, -1).transpose(1, 2)
            for part in self.qkv(self.ln_1(x)).split(WIDTH, dim=2)
        )
        scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])
        weights = scores.masked_fill(self.mask[:time_, :time_], -math.inf).softmax(-1)
        x = x + self.proj((weights @ v).transpose(1, 2).reshape(batch, time_, WIDTH))
        up = self.up(self.ln_2(x))
        gelu = 0.5 * up * (1 + torch.tanh(math.sqrt(2 / math.pi) * (up + 0.044715 * up**3)))
        return x + self.down(gelu)


class Model(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks, self.norm = nn.Sequential(*(Block() for _ in range(LAYERS))), nn.LayerNorm(WIDTH)
        for name, p in self.named_parameters():
            if p.dim() > 1:
                residual = name.endswith(("proj.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / (math.sqrt(2 * LAYERS) if residual else 1))
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def loss(self, x, y):
        h = self.tokens(x) + self.positions.weight[: x.shape[1]]
        logits = self.norm(self.blocks(h)) @ self.tokens.weight.T
        return F.cross_entropy(logits.flatten(0, 1), y.flatten())


def learning_rate(step, steps):
    if step < WARMUP:
        return PEAK * (step + 1) / (WARMUP + 1)
    share = min(1.0, (step - WARMUP) / (steps - WARMUP))
    return FLOOR + 0.5 * (1 + math.cos(math.pi * share)) * (PEAK - FLOOR)


def main():
    folder, steps = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    torch.manual_seed(int(sys.argv[3]) if len(sys.argv) > 3 else 1337)
    train, vocabulary = read_split(folder, "TRAIN")
    validation, _ = read_split(folder, "VALIDATION")
    model = Model(vocabulary)
    decayed = [p for p in model.parameters() if p.dim() > 1]
    kept = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": DECAY}, {"params": kept, "weight_decay": 0.0}], lr=PEAK, betas=BETAS
    )
    began = time.time()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps)
        at = torch.randint(len(train) - CONTEXT - 1, (BATCH,))
        x = torch.stack([train[i : i + CONTEXT] for i in at])
        y = torch.stack([train[i + 1 : i + 1 + CONTEXT] for i in at])
        loss = model.loss(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        if step % 200 == 0:
            print(f"step {step} loss {loss.item():.4f} {BATCH * CONTEXT * (step + 1) / (time.time() - began):.0f} tokens/s", flush=True)
    with torch.no_grad():
        total, count = 0.0, 0
        span = (len(validation) - CONTEXT - 1) / max(1, WINDOWS - 1)
        for first in range(0, WINDOWS, BATCH):
            at = [int(i * span) for i in range(first, min(WINDOWS, first + BATCH))]
            x = torch.stack([validation[i : i + CONTEXT] for i in at])
            y = torch.stack([validation[i + 1 : i + 1 + CONTEXT] for i in at])
            total += model.loss(x, y).item() * len(at)
            count += len(at)
    print(f"validation loss {total / count:.4f} over {count} windows")


if __name__ == "__main__":
    main()
