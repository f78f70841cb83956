"""The two reference networks of the inference benchmark, with random weights of a fixed seed.

Input x [1, 64 steps, 16 features], output y [1, 20 horizons, 7 quantiles].
  mixer: three blocks, each x += relu(time(norm(x))), mixing 64 steps with 64, then x += f2(relu(f1(norm(x)))),
         16 features to 64 and back; then 1024 -> 64, ReLU, -> 140.
  gru:   one layer of 128 units (ONNX: gates z r h, linear_before_reset), its last state -> 128, ReLU, -> 140.

  reference_models.py FOLDER     writes NAME.safetensors, NAME.onnx and NAME.check.json: x and y, computed here in
                                 double precision, and the number of parameters
Needs numpy and onnx.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STEPS, FEATURES, OUTPUT, BLOCKS, UNITS = 64, 16, [1, 20, 7], 3, 128
random = np.random.default_rng(7)


def normal(*shape, scale):
    return (random.standard_normal(shape) * scale).astype(np.float32)


def linear(name, inputs, outputs):
    return {f"{name}.w": normal(inputs, outputs, scale=inputs**-0.5), f"{name}.b": normal(outputs, scale=0.1)}


def norm(name, width):
    return {f"{name}.g": 1 + normal(width, scale=0.1), f"{name}.b": normal(width, scale=0.1)}


def mixer_weights():
    weights = {}
    for b in range(BLOCKS):
        weights |= norm(f"b{b}.n1", FEATURES) | linear(f"b{b}.time", STEPS, STEPS)
        weights |= norm(f"b{b}.n2", FEATURES) | linear(f"b{b}.f1", FEATURES, 64) | linear(f"b{b}.f2", 64, FEATURES)
    return weights | linear("h1", STEPS * FEATURES, 64) | linear("h2", 64, 140)


def gru_weights():
    return {
        "gru.w": normal(1, 3 * UNITS, FEATURES, scale=FEATURES**-0.5),
        "gru.r": normal(1, 3 * UNITS, UNITS, scale=UNITS**-0.5),
        "gru.b": normal(1, 6 * UNITS, scale=0.1),
    } | linear("h1", UNITS, 128) | linear("h2", 128, 140)


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def apply(w, name, x):
    return x @ w[f"{name}.w"] + w[f"{name}.b"]


def normalised(w, name, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * w[f"{name}.g"] + w[f"{name}.b"]


def head(w, x):
    return apply(w, "h2", relu(apply(w, "h1", x)))


def mixer(w, x):
    for b in range(BLOCKS):
        x = x + relu(apply(w, f"b{b}.time", normalised(w, f"b{b}.n1", x).T)).T
        x = x + apply(w, f"b{b}.f2", relu(apply(w, f"b{b}.f1", normalised(w, f"b{b}.n2", x))))
    return head(w, x.reshape(-1))


def gru(w, x):
    input_weight, weight = w["gru.w"][0].T, w["gru.r"][0].T
    input_bias, bias = np.split(w["gru.b"][0], 2)
    state = np.zeros(UNITS)
    for step in x:
        zi, ri, ni = np.split(step @ input_weight + input_bias, 3)
        zh, rh, nh = np.split(state @ weight + bias, 3)
        update, reset = sigmoid(zi + zh), sigmoid(ri + rh)
        state = (1 - update) * np.tanh(ni + reset * nh) + update * state
    return head(w, state)


class Graph:
    """An ONNX graph under construction: `op` adds a node and names its output."""

    def __init__(self, weights):
        self.nodes, self.constants = [], dict(weights)

    def op(self, kind, *inputs, outputs=1, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[-1]

    def linear(self, name, x):
        return self.op("Add", self.op("MatMul", x, f"{name}.w"), f"{name}.b")

    def norm(self, name, x):
        return self.op("LayerNormalization", x, f"{name}.g", f"{name}.b", axis=-1, epsilon=1e-5)

    def reshape(self, x, shape):
        self.constants[f"{x}.shape"] = np.array(shape, np.int64)
        return self.op("Reshape", x, f"{x}.shape")

    def head(self, x):
        return self.reshape(self.linear("h2", self.op("Relu", self.linear("h1", x))), OUTPUT)

    def model(self, name, y):
        self.nodes.append(helper.make_node("Identity", [y], ["y"]))
        value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        constants = [numpy_helper.from_array(value, key) for key, value in self.constants.items()]
        ends = [value("x", [1, STEPS, FEATURES])], [value("y", OUTPUT)]
        graph = helper.make_graph(self.nodes, name, *ends, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def mixer_onnx(w):
    graph, x = Graph(w), "x"
    turn = lambda x: graph.op("Transpose", x, perm=[0, 2, 1])
    for b in range(BLOCKS):
        mixed = graph.op("Relu", graph.linear(f"b{b}.time", turn(graph.norm(f"b{b}.n1", x))))
        x = graph.op("Add", x, turn(mixed))
        hidden = graph.op("Relu", graph.linear(f"b{b}.f1", graph.norm(f"b{b}.n2", x)))
        x = graph.op("Add", x, graph.linear(f"b{b}.f2", hidden))
    return graph.model("mixer", graph.head(graph.reshape(x, [1, STEPS * FEATURES])))


def gru_onnx(w):
    graph = Graph(w)
    steps = graph.op("Transpose", "x", perm=[1, 0, 2])
    gates = ["gru.w", "gru.r", "gru.b"]
    last = graph.op("GRU", steps, *gates, outputs=2, hidden_size=UNITS, linear_before_reset=1)
    return graph.model("gru", graph.head(graph.reshape(last, [1, UNITS])))


def safetensors(weights):
    """https://github.com/huggingface/safetensors#format"""
    header, body = {}, b""
    for name, value in weights.items():
        end = len(body) + value.nbytes
        header[name] = {"dtype": "F32", "shape": value.shape, "data_offsets": [len(body), end]}
        body += value.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + body


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, weights, network, graph in [
    ("mixer", mixer_weights(), mixer, mixer_onnx),
    ("gru", gru_weights(), gru, gru_onnx),
]:
    x = normal(STEPS, FEATURES, scale=1.0)
    y = network({key: value.astype(np.float64) for key, value in weights.items()}, x.astype(np.float64))
    onnx.save(graph(weights), folder / f"{name}.onnx")
    (folder / f"{name}.safetensors").write_bytes(safetensors(weights))
    parameters = sum(value.size for value in weights.values())
    check = {"params": parameters, "x": x.ravel().tolist(), "y": y.ravel().tolist()}
    (folder / f"{name}.check.json").write_text(json.dumps(check))
    print(f"{name}: {parameters} parameters")
