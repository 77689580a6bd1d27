"""Sub-arrays with wires, node by node: what the ends of the columns take and what the rows deliver, as `src/model/network/partition.rs`."""
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

from circuit import INPUT_S, blocks

# Cells of 12 x 15 lambda of 9 nm, lines of 27 nm x 22 nm (`techlib/sot-mram-14nm.yaml`); a segment of a row and of a column.
ROW_OHM, COLUMN_OHM = 9.241569, 11.551961


def ports(positive, negative):
    """Currents into rows and column ends for a volt at each of them: (rows + 2 outputs) squared; positive columns first, then negative ones."""
    rows, outputs = positive.shape
    cells = rows * outputs
    row = np.arange(cells).reshape(rows, outputs)
    columns = [cells + row, 2 * cells + row]
    source = 3 * cells + np.arange(rows)
    ends = [3 * cells + rows + np.arange(outputs), 3 * cells + rows + outputs + np.arange(outputs)]
    lines = [(source, row[:, 0], 1 / ROW_OHM), (row[:, :-1], row[:, 1:], 1 / ROW_OHM)]
    for column, end, devices in zip(columns, ends, (positive, negative)):
        lines += [(row, column, devices), (column[:-1], column[1:], 1 / COLUMN_OHM), (column[-1], end, 1 / COLUMN_OHM)]
    a, b, g = (np.concatenate([np.broadcast_to(line[k], line[0].shape).ravel() for line in lines]) for k in range(3))
    size = 3 * cells + rows + 2 * outputs
    ij = (np.concatenate([a, b, a, b]), np.concatenate([a, b, b, a]))
    y = coo_matrix((np.concatenate([g, g, -g, -g]), ij), (size, size)).tocsc()
    inner = 3 * cells
    solved = splu(y[:inner, :inner]).solve(y[:inner, inner:].toarray())
    return y[inner:, inner:].toarray() - y[inner:, :inner] @ solved


def reduced(positive, negative, gain, tile):
    """As `circuit.layer`, with wires."""
    parts = blocks(len(positive), tile)
    outputs, height = positive.shape[1], max(end - first for first, end in parts)
    transfer, own = np.zeros((len(parts), height, outputs)), np.zeros((len(parts), height, height))
    for index, (first, end) in enumerate(parts):
        rows = end - first
        for left, right in blocks(outputs, tile):
            y = ports(positive[first:end, left:right], negative[first:end, left:right])
            n = right - left
            one, g = np.eye(n), INPUT_S
            load = np.block([[g / (1 + gain) * one, 0 * one], [-g * gain / (1 + gain) * one, g * one]])
            ends = np.linalg.solve(y[rows:, rows:] + load, -y[rows:, :rows])
            transfer[index, :rows, left:right] = gain * (ends[:n] - ends[n:]).T
            own[index, :rows, :rows] += y[:rows, :rows] + y[:rows, rows:] @ ends
    return transfer, own
