"""Times matrix products of PyTorch: fp32 by MKL, bf16 by oneDNN.

Of operands that are bf16 already, and of fp32 operands that are converted first, as a step with autocast has them.
Prints a line of JSON: GFLOP/s by kind, the best of the repetitions.

    python products_pytorch.py --layout TN --size 1024x3072x768 [--threads 2] [--repetitions 100]

Needs torch. `compare_products` beside it installs it and runs this and ours in turn.
"""

import argparse
import json
import time

import torch


def best(product, flops, repetitions):
    for _ in range(3):
        product()
    shortest = float("inf")
    for _ in range(repetitions):
        begin = time.perf_counter()
        product()
        shortest = min(shortest, time.perf_counter() - begin)
    return flops / shortest / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layout", choices=("NN", "NT", "TN"), required=True)
    parser.add_argument("--size", required=True, help="rows x columns x depth")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=100)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.set_grad_enabled(False)
    m, n, k = map(int, chosen.size.split("x"))
    a = torch.randn(k, m).t() if chosen.layout == "TN" else torch.randn(m, k)
    b = torch.randn(n, k).t() if chosen.layout == "NT" else torch.randn(k, n)
    c, low = torch.empty(m, n), torch.empty(m, n, dtype=torch.bfloat16)
    half = torch.bfloat16
    ready_a, ready_b = a.to(half), b.to(half)
    kinds = {
        "fp32": lambda: torch.mm(a, b, out=c),
        "bf16": lambda: torch.mm(ready_a, ready_b, out=low),
        "converted": lambda: torch.mm(a.to(half), b.to(half), out=low),
    }
    print(json.dumps({name: best(product, 2.0 * m * n * k, chosen.repetitions) for name, product in kinds.items()}))


if __name__ == "__main__":
    main()
