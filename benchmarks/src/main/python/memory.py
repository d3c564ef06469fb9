"""Prints the memory that each family needs, by the rule of benchmarks/README.md, as tables.

Weights are counted from the published configurations. Activations are the numbers alive at the
widest place of the network, counted in states (channels x positions) of one sample.
"""
import argparse
from dataclasses import dataclass

from families import FAMILIES

MICRO_BATCHES = (1, 2, 4, 8, 16)
TRAINING_BATCHES = (1, 2, 4, 8)
TYPES = {"fp32": 4, "bf16, fp16": 2}
RANK = 32
TARGETS = ("to_q", "to_k", "to_v", "to_out.0", "add_q_proj", "add_k_proj", "add_v_proj",
           "to_add_out")
TEXT_TOKENS = 77 + 256  # that go along with SD 3's image tokens

# States alive at once while a block runs, and states kept for its backward pass.
RESNET_KEPT = 2  # times what enters and what leaves it
TRANSFORMER_LIVE, TRANSFORMER_KEPT = 12, 60
JOINT_LIVE, JOINT_KEPT, DUAL_KEPT = 14, 40, 20
DECODER_LIVE = 3.5  # of its largest: input, half as wide a shortcut, the centred input, its square


@dataclass
class Activations:
    """Numbers of one sample."""
    live: int = 0  # bytes at most at once, without gradients
    kept: int = 0  # for the backward pass
    edges: int = 0  # what enters the blocks: kept with gradient checkpointing
    block: int = 0  # kept for the costliest block alone

    def add(self, skips, live, kept, edge):
        self.live = max(self.live, skips + live)
        self.kept += kept
        self.edges += edge
        self.block = max(self.block, kept)


class UNet:
    """Walks down and up as the network does."""

    def __init__(self, config, side, size):
        self.n, self.size, self.found, self.skips = side * side, size, Activations(), []
        channels = config.block_out_channels
        self.depths = config.transformer_layers_per_block
        if isinstance(self.depths, int):
            self.depths = [self.depths] * len(channels)
        self.skips.append(channels[0] * self.n)
        width = channels[0]
        for level, out in enumerate(channels):
            attends = config.down_block_types[level].startswith("CrossAttn")
            for _ in range(config.layers_per_block):
                self.block(width, out, self.depths[level] if attends else 0)
                width = out
                self.skips.append(out * self.n)
            if level < len(channels) - 1:
                self.n //= 4
                self.skips.append(out * self.n)
        self.block(width, width, self.depths[-1])
        for level in reversed(range(len(channels))):
            attends = config.up_block_types[len(channels) - 1 - level].startswith("CrossAttn")
            for _ in range(config.layers_per_block + 1):
                skip = self.skips.pop()
                self.block(width + skip // self.n, channels[level],
                           self.depths[level] if attends else 0)
                width = channels[level]
            if level > 0:
                self.n *= 4

    def block(self, into, out, depth):
        """A residual block and, behind it, its transformers."""
        state, entering = out * self.n, into * self.n
        resnet = (2 * entering + state) * self.size + 2 * entering * 4
        transformer_live = TRANSFORMER_LIVE * state * self.size if depth else 0
        kept = RESNET_KEPT * (entering + state) + depth * TRANSFORMER_KEPT * state
        skips = sum(self.skips) * self.size
        self.found.add(skips, max(resnet, transformer_live), kept, state)


def transformer(config, side, size):
    found = Activations()
    width = config.num_attention_heads * config.attention_head_dim
    state = width * ((side // config.patch_size) ** 2 + TEXT_TOKENS)
    for layer in range(config.num_layers):
        kept = JOINT_KEPT + (DUAL_KEPT if layer in config.dual_attention_layers else 0)
        found.add(0, JOINT_LIVE * state * size, kept * state, state)
    return found


def activations(family, size):
    config = family.denoiser.on_meta().config
    side = family.pixels // 8
    if family.name == "sd35":
        return transformer(config, side, size)
    return UNet(config, side, size).found


def parameters(module):
    """With SD 3's table of sines, which is in its file and in memory."""
    return sum(v.numel() for v in module.state_dict().values())


def texts(family):
    """The largest encoder, since they take turns; of T5 the table of tokens and one layer."""
    sizes = []
    for network in family.texts:
        module = network.on_meta()
        if network.folder == "text_encoder_3":
            sizes.append(parameters(module.shared) + parameters(module.encoder.block[0]))
        else:
            sizes.append(parameters(module))
    return max(sizes)


def adapter(family):
    """Numbers that are trained; each is there with its gradient and two moments."""
    total = 0
    for name, module in family.denoiser.on_meta().named_modules():
        if name.endswith(TARGETS):
            total += RANK * (module.in_features + module.out_features) + module.out_features
    return total


def gib(count, size=1):
    return f"{count * size / 2 ** 30:.2f}"


def generation(families):
    print("| family | dtype | denoiser | text | VAE | "
          + " | ".join(f"x{b}" for b in MICRO_BATCHES) + " | decode |")
    print("|---|---|" + "--:|" * (4 + len(MICRO_BATCHES)))
    for f in families:
        vae = f.vae.on_meta().config
        largest = vae.block_out_channels[1] * f.pixels ** 2
        weights = [parameters(f.denoiser.on_meta()), texts(f)]
        for dtype, size in TYPES.items():
            cells = [f.name, dtype, *(gib(w, size) for w in weights),
                     gib(parameters(f.vae.on_meta()), 4),
                     *(gib(2 * b * activations(f, size).live) for b in MICRO_BATCHES),
                     gib(DECODER_LIVE * largest, 4)]
            print("| " + " | ".join(cells) + " |")


def training(families):
    print("| family | dtype | checkpointing | denoiser | adapter | "
          + " | ".join(f"x{b}" for b in TRAINING_BATCHES) + " |")
    print("|---|---|---|" + "--:|" * (2 + len(TRAINING_BATCHES)))
    for f in families:
        weights, trained = parameters(f.denoiser.on_meta()), adapter(f)
        for dtype, size in TYPES.items():
            found = activations(f, size)
            for word, kept in (("no", found.kept), ("yes", found.edges + found.block)):
                cells = [f.name, dtype, word, gib(weights, size), gib(trained, 16),
                         *(gib(b * kept, size) for b in TRAINING_BATCHES)]
                print("| " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--family", choices=list(FAMILIES), help="only this one")
    args = parser.parse_args()
    families = [f for f in FAMILIES.values() if args.family in (None, f.name)]
    print("GiB in generation:\n")
    generation(families)
    print("\nGiB in training:\n")
    training(families)


if __name__ == "__main__":
    main()
