//! What a template makes on its way to its answer, counted: texts and lists that are made of others may be larger than
//! those, and the next filter makes more of them.

use std::cell::Cell;
use std::sync::OnceLock;

use minijinja::value::{Kwargs, Rest, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior};

use super::bounded;

/// The most that the filters of one template take in and make, in bytes.
const MOST: usize = 16 << 20;
/// What a value counts besides its text, in bytes.
const EACH: usize = 16;
/// How deep a value is looked into; what is deeper is counted as too much.
const DEPTH: usize = 200;
/// The filters that make texts and lists, or read all of one.
const COUNTED: [&str; 31] = [
    "capitalize",
    "chain",
    "dictsort",
    "e",
    "escape",
    "groupby",
    "items",
    "join",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "safe",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "unique",
    "upper",
    "urlencode",
    "zip",
];

thread_local! {
    /// What is left for the template that this thread is filling in.
    static LEFT: Cell<usize> = const { Cell::new(MOST) };
}

/// Begins with another template.
pub(super) fn begin() {
    LEFT.set(MOST);
}

/// Has an environment count what its filters take in and make.
pub(super) fn count(environment: &mut Environment<'static>) {
    for name in COUNTED {
        let counted = move |args: Rest<Value>, kwargs: Kwargs| {
            let mut args = args.0;
            if kwargs.args().next().is_some() {
                args.push(Value::from(kwargs));
            }
            args.iter().try_for_each(spend)?;
            let made = builtin().empty_state().apply_filter(name, &args)?;
            spend(&made)?;
            Ok::<Value, Error>(made)
        };
        environment.add_filter(name, counted);
    }
}

/// The filters as they are.
fn builtin() -> &'static Environment<'static> {
    static BUILTIN: OnceLock<Environment<'static>> = OnceLock::new();
    BUILTIN.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        bounded::bound(&mut environment);
        environment
    })
}

fn spend(value: &Value) -> Result<(), Error> {
    let left = weigh(value, LEFT.get(), DEPTH).ok_or_else(|| {
        LEFT.set(0);
        let message = format!("its filters make more than {MOST} bytes on the way");
        Error::new(ErrorKind::InvalidOperation, message)
    })?;
    LEFT.set(left);
    Ok(())
}

/// What is left once a value has been counted; `None` where it is more than that.
fn weigh(value: &Value, left: usize, depth: usize) -> Option<usize> {
    let left = left.checked_sub(EACH)?;
    if let Some(text) = value.as_str() {
        return left.checked_sub(text.len());
    }
    let depth = depth.checked_sub(1)?;
    match value.kind() {
        ValueKind::Bytes => left.checked_sub(value.as_bytes().map_or(0, <[u8]>::len)),
        ValueKind::Seq => value.try_iter().ok()?.try_fold(left, |left, item| weigh(&item, left, depth)),
        ValueKind::Map => value.try_iter().ok()?.try_fold(left, |left, key| {
            let left = weigh(&key, left, depth)?;
            value.get_item(&key).map_or(Some(left), |item| weigh(&item, left, depth))
        }),
        _ => Some(left),
    }
}

/// A function of templates. Written without its parentheses it is none of its values.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) called: Value,
}

impl minijinja::value::Object for Function {
    fn repr(self: &std::sync::Arc<Self>) -> minijinja::value::ObjectRepr {
        minijinja::value::ObjectRepr::Plain
    }

    fn call(self: &std::sync::Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.called.call(state, args)
    }

    fn render(self: &std::sync::Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}()", self.name)
    }
}

/// Why a value cannot be written; `None` where it can.
pub(super) fn unwritable(value: &Value) -> Option<Error> {
    let name = match value.downcast_object_ref::<Function>() {
        Some(function) => function.name,
        None => return None,
    };
    let message = format!("`{name}` is a function: write `{name}()`");
    Some(Error::new(ErrorKind::UnknownFunction, message))
}
