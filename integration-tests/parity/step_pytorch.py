"""Times whole training steps of GPT-2 in PyTorch, as `shardfire bench step` does its own.

Same shape, same work: forward, backward, fused AdamW on random tokens, in one process. Attention is
PyTorch's fused kernel. Prints one line of JSON: median and best tokens per second of the timed steps.

    python step_pytorch.py --layers 6 --heads 6 --width 384 --context 256 --batch 4 --vocabulary 65 \
        [--precision bf16] [--compile] [--threads 2] [--warmup 5] [--steps 10]

Needs torch and numpy. `compare_steps` beside it installs them and runs both in turn.
"""

import argparse
import contextlib
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.expand, self.contract = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (
            part.view(batch, length, self.heads, -1).transpose(1, 2)
            for part in self.qkv(self.first(x)).split(width, dim=2)
        )
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.output(attended.transpose(1, 2).reshape(batch, length, width))
        return x + self.contract(F.gelu(self.expand(self.second(x)), approximate="tanh"))


class Model(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.positions = nn.Embedding(shape.context, shape.width)
        self.blocks = nn.Sequential(*(Block(shape.width, shape.heads) for _ in range(shape.layers)))
        self.norm = nn.LayerNorm(shape.width)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, x, y):
        stream = self.blocks(self.tokens(x) + self.positions.weight[: x.shape[1]])
        logits = self.norm(stream) @ self.tokens.weight.T
        return F.cross_entropy(logits.flatten(0, 1), y.flatten())


def arguments():
    parser = argparse.ArgumentParser()
    for name, standard in [
        ("layers", 6),
        ("heads", 6),
        ("width", 384),
        ("context", 256),
        ("batch", 4),
        ("vocabulary", 65),
        ("threads", 2),
        ("warmup", 5),
        ("steps", 10),
    ]:
        parser.add_argument("--" + name, type=int, default=standard)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--compile", action="store_true")
    return parser.parse_args()


def main():
    shape = arguments()
    torch.set_num_threads(shape.threads)
    torch.manual_seed(1)
    model = Model(shape)
    decayed = [p for p in model.parameters() if p.dim() > 1]
    kept = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": kept, "weight_decay": 0.0}],
        lr=1e-3,
        betas=(0.9, 0.95),
        fused=True,
    )
    forward = torch.compile(model) if shape.compile else model
    tokens = shape.batch * shape.context
    seconds = []
    for step in range(shape.warmup + shape.steps):
        x, y = torch.randint(shape.vocabulary, (2, shape.batch, shape.context))
        began = time.perf_counter()
        half = shape.precision == "bf16"
        with torch.autocast("cpu", torch.bfloat16) if half else contextlib.nullcontext():
            loss = forward(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step >= shape.warmup:
            seconds.append(time.perf_counter() - began)
    print(
        json.dumps(
            {
                "torch": torch.__version__,
                "precision": shape.precision,
                "mode": "compile" if shape.compile else "eager",
                "median": round(tokens / statistics.median(seconds), 1),
                "best": round(tokens / min(seconds), 1),
                "loss": round(loss.item(), 4),
            }
        )
    )


if __name__ == "__main__":
    main()
