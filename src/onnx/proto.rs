//! The messages of an ONNX file that an import reads, and how large they may become.
//!
//! What is not listed here is skipped while decoding: subgraphs, so that nothing recurses, documentation, inferred shapes. Values of tensors are slices
//! of the file and never copied.

use bytes::Bytes;
use prost::Message;

use super::Error;

/// A file.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ModelProto {
    #[prost(message, optional, tag = "7")]
    pub graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<OperatorSetIdProto>,
}

/// Which version of the operators a file is written in.
#[derive(Clone, PartialEq, Message)]
pub(super) struct OperatorSetIdProto {
    #[prost(string, tag = "1")]
    pub domain: String,
    #[prost(int64, tag = "2")]
    pub version: i64,
}

/// The network.
#[derive(Clone, PartialEq, Message)]
pub(super) struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<NodeProto>,
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<ValueInfoProto>,
}

/// An operation.
#[derive(Clone, PartialEq, Message)]
pub(super) struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    #[prost(string, tag = "3")]
    pub name: String,
    #[prost(string, tag = "4")]
    pub op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<AttributeProto>,
    #[prost(message, repeated, tag = "9")]
    pub metadata_props: Vec<StringStringEntryProto>,
}

/// A setting of an operation.
#[derive(Clone, PartialEq, Message)]
pub(super) struct AttributeProto {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(float, tag = "2")]
    pub f: f32,
    #[prost(int64, tag = "3")]
    pub i: i64,
    #[prost(bytes = "bytes", tag = "4")]
    pub s: Bytes,
    #[prost(message, optional, tag = "5")]
    pub t: Option<TensorProto>,
    #[prost(float, repeated, tag = "7")]
    pub floats: Vec<f32>,
    #[prost(int64, repeated, tag = "8")]
    pub ints: Vec<i64>,
}

/// Stored numbers. The fields of numbers are packed in every file that is written by the rules of the format: each is a slice of the file.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    pub data_type: i32,
    #[prost(bytes = "bytes", repeated, tag = "4")]
    pub float_data: Vec<Bytes>,
    #[prost(bytes = "bytes", repeated, tag = "5")]
    pub int32_data: Vec<Bytes>,
    #[prost(bytes = "bytes", repeated, tag = "7")]
    pub int64_data: Vec<Bytes>,
    #[prost(string, tag = "8")]
    pub name: String,
    #[prost(bytes = "bytes", optional, tag = "9")]
    pub raw_data: Option<Bytes>,
    #[prost(bytes = "bytes", repeated, tag = "10")]
    pub double_data: Vec<Bytes>,
    #[prost(message, repeated, tag = "13")]
    pub external_data: Vec<StringStringEntryProto>,
    #[prost(int32, tag = "14")]
    pub data_location: i32,
}

/// A key and its value.
#[derive(Clone, PartialEq, Message)]
pub(super) struct StringStringEntryProto {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

/// A value that goes in or comes out.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ValueInfoProto {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<TypeProto>,
}

/// Its type.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TypeProto {
    #[prost(message, optional, tag = "1")]
    pub tensor_type: Option<TensorTypeProto>,
}

/// The type of a tensor.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorTypeProto {
    #[prost(int32, tag = "1")]
    pub elem_type: i32,
    #[prost(message, optional, tag = "2")]
    pub shape: Option<TensorShapeProto>,
}

/// The sizes of a tensor.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorShapeProto {
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<DimensionProto>,
}

/// One of them: a number, or a name for what is known when the network runs.
#[derive(Clone, PartialEq, Message)]
pub(super) struct DimensionProto {
    #[prost(int64, optional, tag = "1")]
    pub dim_value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub dim_param: Option<String>,
}

/// Bytes that the messages of a file may take in memory beside its weights. A network of ten thousand operations takes some 10 MB.
const MOST_MEMORY: usize = 64 << 20;
/// Bytes of memory for a message, whatever is in it: more than the largest of them.
const MESSAGE: usize = 512;
/// Bytes of memory for a byte of anything else, at most: an empty name takes two bytes of the file, and a `String` and a slice of memory.
const OTHER: usize = 32;

/// What the fields of a message are, for counting.
#[derive(Clone, Copy)]
enum Field {
    /// A message of this kind.
    Message(&'static [(u64, Field)]),
    /// Stays a slice of the file.
    Slice,
}

const ENTRY: &[(u64, Field)] = &[];
const TENSOR: &[(u64, Field)] = &[
    (4, Field::Slice),
    (5, Field::Slice),
    (7, Field::Slice),
    (9, Field::Slice),
    (10, Field::Slice),
    (13, Field::Message(ENTRY)),
];
const ATTRIBUTE: &[(u64, Field)] =
    &[(4, Field::Slice), (5, Field::Message(TENSOR)), (6, Field::Slice), (11, Field::Slice)];
const NODE: &[(u64, Field)] = &[(5, Field::Message(ATTRIBUTE)), (6, Field::Slice), (9, Field::Message(ENTRY))];
const VALUE: &[(u64, Field)] =
    &[(2, Field::Message(&[(1, Field::Message(&[(2, Field::Message(&[(1, Field::Message(ENTRY))]))]))]))];
const GRAPH: &[(u64, Field)] = &[
    (1, Field::Message(NODE)),
    (5, Field::Message(TENSOR)),
    (10, Field::Slice),
    (11, Field::Message(VALUE)),
    (12, Field::Message(VALUE)),
    (13, Field::Slice),
    (14, Field::Slice),
    (15, Field::Slice),
];
const MODEL: &[(u64, Field)] = &[
    (6, Field::Slice),
    (7, Field::Message(GRAPH)),
    (8, Field::Message(ENTRY)),
    (14, Field::Slice),
    (20, Field::Slice),
    (25, Field::Slice),
];

/// Reads a file.
pub(super) fn decode(file: &str, bytes: Bytes) -> Result<ModelProto, Error> {
    let wrong = |why: String| Error::NotOnnx { file: file.to_owned(), bytes: bytes.len(), why };
    let mut memory = 0;
    count(&bytes, MODEL, &mut memory).map_err(&wrong)?;
    let model = ModelProto::decode(bytes.clone()).map_err(|error| wrong(error.to_string()))?;
    if model.graph.is_none() {
        return Err(wrong("it has no graph".into()));
    }
    Ok(model)
}

/// Counts what the messages take in memory before any is made: a file of empty messages would take a hundred times its size.
fn count(bytes: &[u8], fields: &[(u64, Field)], memory: &mut usize) -> Result<(), String> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let key = varint(&mut rest)?;
        let length = match key & 7 {
            0 => {
                let before = rest.len();
                varint(&mut rest)?;
                *memory += OTHER * (before - rest.len());
                continue;
            }
            1 => 8,
            2 => usize::try_from(varint(&mut rest)?).unwrap_or(usize::MAX),
            5 => 4,
            kind => return Err(format!("it has a field of the unknown wire type {kind}")),
        };
        let Some((inside, after)) = rest.split_at_checked(length) else {
            return Err(format!("it ends within a field of {length} bytes, of which {} are there", rest.len()));
        };
        rest = after;
        match fields.iter().find(|(number, _)| *number == key >> 3) {
            Some((_, Field::Message(fields))) if key & 7 == 2 => {
                *memory += MESSAGE;
                count(inside, fields, memory)?;
            }
            // The slice itself takes a few words.
            Some((_, Field::Slice)) => *memory += 3 * OTHER,
            _ => *memory += OTHER * (length + 2),
        }
        if *memory > MOST_MEMORY {
            return Err(format!("beside its weights it would take more than {} MB of memory", MOST_MEMORY >> 20));
        }
    }
    Ok(())
}

/// A number of one to ten bytes.
fn varint(rest: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0_u64;
    for place in 0..10 {
        let Some((&byte, after)) = rest.split_first() else { return Err("it ends within a number".into()) };
        *rest = after;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err("it has a number of more than ten bytes".into())
}
