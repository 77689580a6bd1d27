//! Tokens to postfix code, by operator precedence.

use super::lex::{self, Token, TokenKind};
use super::{CHOICE, CompareOp, FUNCTIONS, Function, Instruction, Op};
use crate::units::error::ParseError;
use crate::units::quantity::Quantity;
use std::ops::Range;

const MAX_BYTES: usize = 4096;
const MAX_DEPTH: usize = 64;

/// How tightly operators bind, the loosest first.
mod binding {
    pub const COMPARISON: u8 = 1;
    pub const SUM: u8 = 2;
    pub const PRODUCT: u8 = 3;
    pub const SIGN: u8 = 4;
    pub const IMPLICIT: u8 = 5;
    pub const POWER: u8 = 6;
}

/// Postfix code and the names it refers to.
pub(super) fn compile(text: &str) -> Result<(Vec<Instruction>, Vec<String>), ParseError> {
    if text.len() > MAX_BYTES {
        let message = format!("a formula may be at most {MAX_BYTES} bytes long");
        return Err(ParseError::new(0..text.len(), message));
    }
    let mut parser = Parser { text, tokens: lex::tokens(text)?, at: 0, code: Vec::new(), names: Vec::new() };
    if parser.tokens.is_empty() {
        let message = "expected a formula, found nothing";
        return Err(ParseError::new(0..text.len(), message));
    }
    parser.expression(0, 0)?;
    match parser.peek() {
        None => Ok((parser.code, parser.names)),
        Some(token) => Err(parser.not_an_operator(token)),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    code: Vec<Instruction>,
    names: Vec<String>,
}

/// An operator between two operands.
struct Infix {
    op: Op,
    left: u8,
    right: u8,
    /// 0 for a product that is written without a sign.
    tokens: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn emit(&mut self, op: Op, range: Range<usize>) -> Range<usize> {
        let instruction = Instruction { op, range: range.clone() };
        self.code.push(instruction);
        range
    }

    /// Parses while operators bind at least as tightly as `least`; returns the bytes covered.
    /// `depth` grows only where a formula can nest: within a level the binding power rises with each
    /// call and so bounds the recursion.
    fn expression(&mut self, least: u8, depth: usize) -> Result<Range<usize>, ParseError> {
        let mut left = self.operand(least, depth)?;
        while let Some(infix) = self.infix().filter(|infix| infix.left >= least) {
            self.at += infix.tokens;
            let deeper = depth + usize::from(infix.op == Op::Power);
            let right = self.expression(infix.right, deeper)?;
            left = self.emit(infix.op, left.start..right.end);
        }
        Ok(left)
    }

    fn infix(&self) -> Option<Infix> {
        let token = self.peek()?;
        let (op, left, right, tokens) = match token.kind {
            TokenKind::Sign('+') => (Op::Add, binding::SUM, binding::PRODUCT, 1),
            TokenKind::Sign('-') => (Op::Subtract, binding::SUM, binding::PRODUCT, 1),
            TokenKind::Sign('*') => (Op::Multiply, binding::PRODUCT, binding::SIGN, 1),
            TokenKind::Sign('/') => (Op::Divide, binding::PRODUCT, binding::SIGN, 1),
            // Equal powers on both sides make `2^3^2` group to the right.
            TokenKind::Sign('^') => (Op::Power, binding::POWER, binding::POWER, 1),
            TokenKind::Sign(sign @ ('<' | '>' | '≤' | '≥' | '=')) => {
                let comparison = match sign {
                    '<' => CompareOp::Less,
                    '>' => CompareOp::Greater,
                    '≤' => CompareOp::LessOrEqual,
                    '≥' => CompareOp::GreaterOrEqual,
                    _ => CompareOp::Equal,
                };
                (Op::Compare(comparison), binding::COMPARISON, binding::SUM, 1)
            }
            TokenKind::Name if self.is_times(token) => (Op::Multiply, binding::PRODUCT, binding::SIGN, 1),
            TokenKind::Name if self.follows_number() => (Op::Multiply, binding::IMPLICIT, binding::POWER, 0),
            _ => return None,
        };
        Some(Infix { op, left, right, tokens })
    }

    /// Whether this `x` is the sign in `13 lambda x 30 lambda` and not a variable.
    fn is_times(&self, token: &Token) -> bool {
        let after = self.tokens.get(self.at + 1);
        let starts_operand =
            after.is_some_and(|next| next.spaced && !matches!(next.kind, TokenKind::Sign(c) if c != '('));
        &self.text[token.range.clone()] == "x" && token.spaced && starts_operand
    }

    fn follows_number(&self) -> bool {
        let previous = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        previous.is_some_and(|token| matches!(token.kind, TokenKind::Number(_)))
    }

    fn operand(&mut self, least: u8, depth: usize) -> Result<Range<usize>, ParseError> {
        let Some(token) = self.peek().cloned() else {
            let end = self.text.trim_end().len();
            return Err(ParseError::new(end..end, "the formula ends where a value should follow"));
        };
        if depth > MAX_DEPTH {
            let message = format!("the formula is nested more than {MAX_DEPTH} deep");
            return Err(ParseError::new(token.range, message));
        }
        self.at += 1;
        match token.kind {
            TokenKind::Number(value) => Ok(self.emit(Op::Constant(Quantity::number(value)), token.range)),
            TokenKind::Literal(quantity) => self.literal(quantity, token.range),
            TokenKind::Name => self.name(token.range, depth),
            TokenKind::Sign(sign @ ('-' | '+')) => {
                let inner = self.expression(least.max(binding::SIGN), depth + 1)?;
                let range = token.range.start..inner.end;
                if sign == '-' {
                    self.emit(Op::Negate, range.clone());
                }
                Ok(range)
            }
            TokenKind::Sign('(') => {
                self.expression(0, depth + 1)?;
                let close = self.close(&token.range)?;
                Ok(token.range.start..close)
            }
            TokenKind::Sign(_) => {
                let message = format!("expected a value, found \"{}\"", &self.text[token.range.clone()]);
                Err(ParseError::new(token.range, message))
            }
        }
    }

    fn literal(&mut self, quantity: Quantity, range: Range<usize>) -> Result<Range<usize>, ParseError> {
        match self.peek() {
            // `2 um^2` is two square micrometres, so `2 um^n` has no reading without surprises.
            Some(next) if next.kind == TokenKind::Sign('^') => {
                let message = "it is not clear what the power applies to";
                let help = format!("write \"({})^...\"", &self.text[range.clone()]);
                Err(ParseError::new(range.start..next.range.end, message).with_help(help))
            }
            _ => Ok(self.emit(Op::Constant(quantity), range)),
        }
    }

    fn name(&mut self, range: Range<usize>, depth: usize) -> Result<Range<usize>, ParseError> {
        let name = &self.text[range.clone()];
        if self.peek().is_some_and(|next| next.kind == TokenKind::Sign('(')) {
            if name == CHOICE {
                return self.choice(range, depth);
            }
            return match FUNCTIONS.iter().find(|(known, _)| *known == name) {
                Some((_, function)) => self.call(*function, range, depth),
                None => {
                    let names: Vec<_> = Function::names().collect();
                    let help = format!("the functions are {}", names.join(", "));
                    let message = format!("unknown function \"{name}\"");
                    Err(ParseError::new(range, message).with_help(help))
                }
            };
        }
        if name == "pi" {
            let pi = Quantity::number(std::f64::consts::PI);
            return Ok(self.emit(Op::Constant(pi), range));
        }
        let index = self.names.iter().position(|known| known == name);
        let index = index.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        Ok(self.emit(Op::Variable(index), range))
    }

    fn call(&mut self, function: Function, name: Range<usize>, depth: usize) -> Result<Range<usize>, ParseError> {
        let open = self.peek().map_or(name.clone(), |token| token.range.clone());
        self.at += 1;
        let folds = matches!(function, Function::Min | Function::Max);
        let mut count = 0;
        loop {
            let argument = self.expression(0, depth + 1)?;
            count += 1;
            if folds && count > 1 {
                self.emit(Op::Call(function), name.start..argument.end);
            }
            match self.peek() {
                Some(token) if token.kind == TokenKind::Sign(',') => self.at += 1,
                _ => break,
            }
        }
        let range = name.start..self.close(&open)?;
        if folds {
            return Ok(range);
        }
        if count != 1 {
            let message = format!("{} takes one value, not {count}", function.name());
            return Err(ParseError::new(range, message));
        }
        Ok(self.emit(Op::Call(function), range))
    }

    /// `if(condition, a, b)`.
    fn choice(&mut self, name: Range<usize>, depth: usize) -> Result<Range<usize>, ParseError> {
        let open = self.peek().map_or(name.clone(), |token| token.range.clone());
        self.at += 1;
        let mut count = 0;
        loop {
            self.expression(0, depth + 1)?;
            count += 1;
            match self.peek() {
                Some(token) if token.kind == TokenKind::Sign(',') => self.at += 1,
                _ => break,
            }
        }
        let range = name.start..self.close(&open)?;
        if count != 3 {
            let message = format!("if takes a condition and two values, not {count}");
            return Err(ParseError::new(range, message).with_help("write \"if(bits < 8, 1 pJ, 2 pJ)\""));
        }
        Ok(self.emit(Op::Choose, range))
    }

    /// Takes the parenthesis that closes the one at `open` and returns where it ends.
    fn close(&mut self, open: &Range<usize>) -> Result<usize, ParseError> {
        match self.peek() {
            Some(token) if token.kind == TokenKind::Sign(')') => {
                let end = token.range.end;
                self.at += 1;
                Ok(end)
            }
            Some(token) => Err(self.not_an_operator(token)),
            None => Err(ParseError::new(open.clone(), "this parenthesis is never closed")),
        }
    }

    fn not_an_operator(&self, token: &Token) -> ParseError {
        let text = &self.text[token.range.clone()];
        if token.kind == TokenKind::Sign(')') {
            let message = "this parenthesis closes nothing";
            return ParseError::new(token.range.clone(), message);
        }
        let message = format!("expected an operator, found \"{text}\"");
        let error = ParseError::new(token.range.clone(), message);
        let previous = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let previous = previous.map_or("", |token| &self.text[token.range.clone()]);
        match token.kind {
            TokenKind::Sign(_) => error,
            // `5 V-3 V` goes wrong at the second `V`, but because of the hyphen before it.
            _ if previous.contains('-') && previous != "-" => {
                error.with_help(format!("\"{previous}\" is one name; to subtract, put spaces around the minus"))
            }
            _ => error.with_help(format!("to multiply, write \"* {text}\"")),
        }
    }
}
