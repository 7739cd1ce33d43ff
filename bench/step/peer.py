import torch
import torch.nn.functional as F

# The best arrangement found: Q Kᵀ and V O formed on the weights, the heads of a token as rows of one batched product, V after attention,
# elementwise steps in place, the slots that a layer writes kept apart from those that it only reads.
folder, B, T, D, fixed, hidden, H, K, d, rate = sys.argv[1], *map(int, sys.argv[2:10]), float(sys.argv[10])
W = D - fixed
torch.set_num_threads(threads)


def read(name, *shape):
    return torch.from_file(f"{folder}/{name}", size=os.path.getsize(f"{folder}/{name}") // 4).clone().view(*shape)


tokens, target = read("tokens", B, T, D), read("target", B, d)
mask = read("mask", T, T).repeat_interleave(H, 0)  # (T·H, T)
seen = tokens.view(B * T, D)[:, :fixed].contiguous()  # (B·T, fixed)
shapes = [(H, D, D), (H, D, W), (H, D, D), (H, D, D), (D, hidden), (hidden, W)] * K
weights = [w.clone().view(s).requires_grad_() for w, s in zip(read("weights", -1).split([torch.Size(s).numel() for s in shapes]), shapes)]
adam = torch.optim.Adam(weights, lr=rate, foreach=False)  # faster here than foreach, which 1.13 runs as a loop on a CPU


def layer(free, k, o, q, v, w1, w2):
    x = torch.cat((seen, free), 1).view(B, T, D)
    score = torch.bmm(k, q.transpose(1, 2)).view(H * D, D)
    write = torch.bmm(v, o).view(H * D, W)
    projected = F.linear(x.view(B * T, D), score).view(B, T * H, D)
    weight = torch.bmm(projected, x.transpose(1, 2)).mul_(mask)  # (B, T·H, T)
    mixed = torch.bmm(weight, x).view(B * T, H * D)
    free = torch.addmm(free, mixed, write)  # (B·T, W)
    units = torch.mm(torch.cat((seen, free), 1), w1).relu_()  # (B·T, hidden)
    return torch.addmm(free, units, w2)


def loss():
    free, estimates = torch.zeros(B * T, W), []
    for i in range(0, len(weights), 6):
        free = layer(free, *weights[i:i + 6])
        estimates.append(free.view(B, T, W)[:, -1, :d])
    return (torch.stack(estimates) - target).square().sum() / (K * B)


def step():
    adam.zero_grad(set_to_none=True)
    value = loss()
    value.backward()
    adam.step()
    return value


serve({"Torch": torch.__version__, "BLAS": blas(), "Tokens": tokens.shape[1], "Width": tokens.shape[2], "Parameters": sum(w.numel() for w in weights)},
      {"step": timed(step), "losses": lambda n: [step().item() for _ in range(int(n))], "resident": resident})
