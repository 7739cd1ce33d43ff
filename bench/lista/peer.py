import torch

# The best arrangement found: A held transposed, residual and step in one addmm each, and the soft threshold with its gradients written out,
# as autograd would keep five matrices a layer for it and pass over each.
folder, B, m, n, K, rate = sys.argv[1], *map(int, sys.argv[2:6]), float(sys.argv[6])
torch.set_num_threads(threads)


def read(name, *shape):
    return torch.from_file(f"{folder}/{name}", size=os.path.getsize(f"{folder}/{name}") // 4).clone().view(*shape)


a, y, star = read("a", m, n), read("y", B, m), read("star", B, n)
at = a.t()
w = [v.clone().requires_grad_() for v in read("w", K, m, n)]
logtheta = [v.clone().view(1).requires_grad_() for v in read("logtheta", K)]
adam = torch.optim.Adam(w + logtheta, lr=rate, foreach=False)  # faster here than foreach, which 1.13 runs as a loop on a CPU


class Soft(torch.autograd.Function):
    @staticmethod
    def forward(ctx, v, logtheta):
        theta = logtheta.exp().item()
        out = torch.nn.functional.softshrink(v, theta)
        ctx.save_for_backward(v)
        ctx.theta = theta
        return out

    @staticmethod
    def backward(ctx, g):
        v, = ctx.saved_tensors
        dv = torch.ops.aten.softshrink_backward(g, v, ctx.theta)
        return dv, -ctx.theta * torch.dot(dv.view(-1), v.sign().view(-1)).view(1)


def loss():
    x, layers = Soft.apply(torch.mm(y, w[0]), logtheta[0]), []
    layers.append(x)
    for k in range(1, K):
        r = torch.addmm(y, x, at, alpha=-1)  # (B, m)
        x = Soft.apply(torch.addmm(x, r, w[k]), logtheta[k])  # (B, n)
        layers.append(x)
    return sum(torch.nn.functional.mse_loss(x, star, reduction="sum") for x in layers) / (K * B)


def step():
    adam.zero_grad(set_to_none=True)
    value = loss()
    value.backward()
    adam.step()
    return value


serve({"Torch": torch.__version__, "BLAS": blas(), "Parameters": sum(p.numel() for p in w + logtheta)},
      {"step": timed(step), "losses": lambda n: [step().item() for _ in range(int(n))]})
