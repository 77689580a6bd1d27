"""The networks on which `imcost import` is tried: each a PyTorch module with an example of its input."""
import math

import torch
import torchvision
from torch import nn
from torch.nn import functional as F


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))


class LeNet5(nn.Module):
    """Of the shared reference: convolutions `conv.c1`, `conv.c2`, classifier `fc.0` to `fc.2`."""

    def __init__(self):
        super().__init__()
        self.conv = nn.ModuleDict({"c1": nn.Conv2d(1, 6, 5, padding=2), "c2": nn.Conv2d(6, 16, 5)})
        self.fc = nn.ModuleList([nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)])

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv["c1"](x)), 2)
        x = F.max_pool2d(F.relu(self.conv["c2"](x)), 2).flatten(1)
        return self.fc[2](F.relu(self.fc[1](F.relu(self.fc[0](x)))))


class Vgg8(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        for i, o in [(3, 128), (128, 256), (256, 512)]:
            layers += [nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU()]
            layers += [nn.Conv2d(o, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Linear(8192, 1024), nn.ReLU(), nn.Linear(1024, 10))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class UNet(nn.Module):
    """Two levels, skips joined by concatenation, one way up by transposed convolution, one by interpolation."""

    def __init__(self):
        super().__init__()
        two = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(),
                                         nn.Conv2d(o, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU())
        self.down1, self.down2, self.bottom = two(1, 16), two(16, 32), two(32, 64)
        self.pool = nn.MaxPool2d(2)
        self.up2 = nn.ConvTranspose2d(64, 32, 2, stride=2)
        self.join2 = two(64, 32)
        self.up1 = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(32, 16, 1))
        self.join1 = two(32, 16)
        self.head = nn.Conv2d(16, 2, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(self.pool(a))
        c = self.bottom(self.pool(b))
        b = self.join2(torch.cat([self.up2(c), b], 1))
        a = self.join1(torch.cat([self.up1(b), a], 1))
        return torch.sigmoid(self.head(a))


class Recurrent(nn.Module):
    """Rows of a digit, one after another; the last state is classified."""

    def __init__(self, cell, **words):
        super().__init__()
        self.cell = cell(28, 128, batch_first=True, **words)
        self.fc = nn.Linear(128 * (2 if words.get("bidirectional") else 1), 10)

    def forward(self, x):
        y, _ = self.cell(x)
        return self.fc(y[:, -1])


class BertBase(nn.Module):
    """The encoder of BERT-base as its paper has it, with the pooler; of 12 layers, or fewer."""

    class Layer(nn.Module):
        def __init__(self, width, heads, inner):
            super().__init__()
            self.heads = heads
            self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))
            self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)
            self.intermediate, self.dense = nn.Linear(width, inner), nn.Linear(inner, width)

        def forward(self, x, mask):
            b, s, w = x.shape
            split = lambda y: y.view(b, s, self.heads, w // self.heads).transpose(1, 2)
            q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
            scores = q @ k.transpose(-1, -2) / math.sqrt(w // self.heads) + mask
            context = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, s, w)
            x = self.norm1(x + self.output(context))
            return self.norm2(x + self.dense(F.gelu(self.intermediate(x))))

    def __init__(self, layers=12, width=768, heads=12, inner=3072, vocabulary=30522):
        super().__init__()
        self.word, self.position, self.kind = nn.Embedding(vocabulary, width), nn.Embedding(512, width), nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layer = nn.ModuleList(self.Layer(width, heads, inner) for _ in range(layers))
        self.pooler = nn.Linear(width, width)

    def forward(self, input_ids, attention_mask, token_type_ids):
        places = torch.arange(input_ids.shape[1])
        x = self.norm(self.word(input_ids) + self.kind(token_type_ids) + self.position(places))
        mask = (1.0 - attention_mask[:, None, None, :].float()) * -1e4
        for layer in self.layer:
            x = layer(x, mask)
        return x, torch.tanh(self.pooler(x[:, 0]))


class Gpt2Block(nn.Module):
    """One block with fused projections and a causal mask."""

    def __init__(self, width=768, heads=12, tokens=64):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.c_fc, self.m_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.register_buffer("bias", torch.tril(torch.ones(tokens, tokens, dtype=torch.bool)))

    def forward(self, x):
        b, s, w = x.shape
        q, k, v = (y.view(b, s, self.heads, -1).transpose(1, 2) for y in self.c_attn(self.ln_1(x)).split(w, 2))
        scores = (q @ k.transpose(-2, -1)) * (w // self.heads) ** -0.5
        scores = scores.masked_fill(~self.bias[:s, :s], float("-inf"))
        x = x + self.c_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, s, w))
        return x + self.m_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class Encoder(nn.Module):
    """PyTorch's own encoder layers: packed projections, the sequence first."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=False, activation="gelu")
        self.encoder = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
        self.head = nn.Linear(64, 5)

    def forward(self, x):
        return self.head(self.encoder(x).mean(0))


class Activations(nn.Module):
    """Functions that exporters take apart, each behind a layer."""

    def __init__(self):
        super().__init__()
        functions = [nn.SiLU(), nn.GELU(), nn.GELU(approximate="tanh"), nn.Hardswish(), nn.Hardsigmoid(), nn.ReLU6(), nn.LeakyReLU(),
                     nn.PReLU(), nn.ELU(), nn.Mish(), nn.Softplus(), nn.Tanh(), nn.Softmax(1)]
        self.layers = nn.ModuleList(nn.Sequential(nn.Conv2d(2, 2, 1), function) for function in functions)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Shapes(nn.Module):
    """Padding of several kinds, a signal in one dimension, normalisations by statistics of the input."""

    def __init__(self):
        super().__init__()
        self.line = nn.Conv1d(4, 8, 5, stride=2, padding=2)
        self.pool = nn.MaxPool1d(2, ceil_mode=True)
        self.group, self.instance = nn.GroupNorm(2, 8), nn.InstanceNorm2d(8, affine=True)
        self.fold = nn.Conv2d(8, 8, 3, stride=2)
        self.dilated = nn.Conv2d(8, 12, (3, 5), padding=(2, 0), dilation=(2, 1), groups=4)
        self.deconv = nn.ConvTranspose2d(12, 6, 3, stride=2, padding=1, output_padding=1)
        self.weight = nn.Parameter(torch.ones(6))

    def forward(self, x):
        x = self.pool(self.line(x))
        x = self.instance(self.group(x.reshape(1, 8, 5, 5)))
        x = self.fold(F.pad(x, (0, 1, 0, 1)))
        x = self.dilated(F.pad(x, (1, 2, 0, 1)))
        x = self.deconv(F.avg_pool2d(x, 2, stride=1, padding=1))
        x = x.flatten(2).transpose(1, 2)
        x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight
        return F.adaptive_max_pool2d(x.transpose(1, 2).reshape(1, 6, -1, 4), 1)


class Tiny(nn.Module):
    """What the functions for weights are tried on: a grouped convolution with its normalisation, a dense layer."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1, groups=2, bias=False)
        self.bn = nn.BatchNorm2d(4)
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        return self.fc(F.max_pool2d(F.relu(self.bn(self.conv(x))), 2).flatten(1))


def hugging_face(name):
    import transformers as t

    if name == "bert":
        words = dict(num_hidden_layers=2, hidden_size=128, num_attention_heads=4, intermediate_size=256, vocab_size=1000)
        return t.BertModel(t.BertConfig(**words)), (torch.ones(1, 16, dtype=torch.long), torch.ones(1, 16, dtype=torch.long))
    if name == "llama":
        # Rotary embeddings; two heads share keys and values.
        words = dict(num_hidden_layers=2, hidden_size=128, num_attention_heads=4, num_key_value_heads=2, intermediate_size=256, vocab_size=1000)
        return t.LlamaModel(t.LlamaConfig(use_cache=False, **words)), (torch.ones(1, 16, dtype=torch.long),)
    words = dict(n_layer=2, n_embd=128, n_head=4, vocab_size=1000, use_cache=False)
    return t.GPT2Model(t.GPT2Config(**words)), (torch.ones(1, 16, dtype=torch.long),)


def timm_vit():
    import timm

    return timm.create_model("vit_tiny_patch16_224", pretrained=False)


def tokens(n):
    one = torch.ones(1, n, dtype=torch.long)
    return one, one, torch.zeros(1, n, dtype=torch.long)


def picture(*size):
    return (torch.zeros(1, *size),)


def vit(**words):
    return torchvision.models.VisionTransformer(image_size=224, patch_size=16, num_heads=3, hidden_dim=192, mlp_dim=768, **words)


# What they are called: the module, and what goes in.
NETWORKS = {
    "lenet5": lambda: (LeNet5(), picture(1, 28, 28)),
    "vgg8": lambda: (Vgg8(), picture(3, 32, 32)),
    "resnet18": lambda: (torchvision.models.resnet18(), picture(3, 224, 224)),
    "mobilenet-v2": lambda: (torchvision.models.mobilenet_v2(), picture(3, 224, 224)),
    "densenet121": lambda: (torchvision.models.densenet121(), picture(3, 224, 224)),
    "efficientnet-b0": lambda: (torchvision.models.efficientnet_b0(), picture(3, 224, 224)),
    "convnext-tiny": lambda: (torchvision.models.convnext_tiny(), picture(3, 224, 224)),
    "vit-tiny": lambda: (vit(num_layers=12), picture(3, 224, 224)),
    "timm-vit-tiny": lambda: (timm_vit(), picture(3, 224, 224)),
    "bert-base": lambda: (BertBase(), tokens(128)),
    "unet": lambda: (UNet(), picture(1, 64, 64)),
    "lstm": lambda: (Recurrent(nn.LSTM, num_layers=2), picture(28, 28)),
    "lstm-bidirectional": lambda: (Recurrent(nn.LSTM, bidirectional=True), picture(28, 28)),
    "gru": lambda: (Recurrent(nn.GRU), picture(28, 28)),
    "gpt2-block": lambda: (Gpt2Block(), picture(64, 768)),
    "encoder": lambda: (Encoder(), (torch.zeros(10, 1, 64),)),
    "hf-bert": lambda: hugging_face("bert"),
    "hf-gpt2": lambda: hugging_face("gpt2"),
    "hf-llama": lambda: hugging_face("llama"),
    "activations": lambda: (Activations(), picture(2, 4, 4)),
    "shapes": lambda: (Shapes(), picture(4, 98)),
    "mobilenet-v3": lambda: (torchvision.models.mobilenet_v3_small(), picture(3, 224, 224)),
    "regnet": lambda: (torchvision.models.regnet_y_400mf(), picture(3, 224, 224)),
    "shufflenet": lambda: (torchvision.models.shufflenet_v2_x0_5(), picture(3, 224, 224)),
    "googlenet": lambda: (torchvision.models.googlenet(init_weights=False, aux_logits=False), picture(3, 224, 224)),
    "swin-tiny": lambda: (torchvision.models.swin_t(), picture(3, 224, 224)),
    "deeplab": lambda: (torchvision.models.segmentation.lraspp_mobilenet_v3_large(weights_backbone=None), picture(3, 224, 224)),
    "tiny": lambda: (Tiny(), picture(4, 4, 4)),
}
