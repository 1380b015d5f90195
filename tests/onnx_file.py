"""Writes small networks as ONNX without the package of that name: the few messages of its format, byte by byte.

Numbers of fields and types are those of ``onnx/onnx.proto`` (IR version 8), the encoding is Protocol Buffers'.
"""

from pathlib import Path

import numpy as np

_FLOAT, _INT64 = 1, 7  # TensorProto.DataType


def write(path: Path, name, inputs, nodes, outputs, constants=()):
    """Write a network.

    Args:
        path: the file.
        name: of the graph.
        inputs: shape by name; a string in a shape is a dimension that is not fixed.
        nodes: (operator, names of inputs, name of the output, attributes) in the order of computing.
        outputs: shape by name.
        constants: array by name, float32 or int64.
    """
    graph = b"".join(_message(1, _node(*node)) for node in nodes) + _text(2, name)
    graph += b"".join(_message(5, _tensor(name, array)) for name, array in dict(constants).items())
    graph += b"".join(_message(11, _value(name, shape)) for name, shape in inputs.items())
    graph += b"".join(_message(12, _value(name, shape)) for name, shape in outputs.items())
    path.write_bytes(_number(1, 8) + _message(7, graph) + _message(8, _number(2, 13)))


def _node(operator, inputs, output, attributes):
    lines = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(3, output) + _text(4, operator)
    return lines + b"".join(_message(5, _attribute(name, value)) for name, value in attributes.items())


def _attribute(name, value):
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    return _text(1, name) + b"".join(_number(8, part) for part in value) + _number(20, 7)


def _tensor(name, array):
    kind = {np.dtype(np.float32): _FLOAT, np.dtype(np.int64): _INT64}[array.dtype]
    dimensions = b"".join(_number(1, size) for size in array.shape)
    return dimensions + _number(2, kind) + _text(8, name) + _message(9, array.tobytes())


def _value(name, shape):
    sizes = (_text(2, size) if isinstance(size, str) else _number(1, size) for size in shape)
    tensor = _number(1, _FLOAT) + _message(2, b"".join(_message(1, size) for size in sizes))
    return _text(1, name) + _message(2, _message(1, tensor))


def _number(field, value):
    return _varint(field << 3) + _varint(value)


def _message(field, content):
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field, value):
    return _message(field, value.encode())


def _varint(value):
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
