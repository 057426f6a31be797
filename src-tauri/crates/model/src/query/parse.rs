use super::fault::{QueryFault, QueryProblem, Span};
use super::lex::{Token, Word, lex};
use super::term::Node;
use super::word::{Joint, joint, read};
use super::{DEEPEST_QUERY, LONGEST_QUERY, MOST_WORDS, Reading};

/// The tree, of what can be read, and what is wrong with the rest.
pub(super) fn parse(text: &str, reading: Reading) -> (Node, Vec<QueryFault>) {
    let letters: Vec<char> = text.chars().take(LONGEST_QUERY + 1).collect();
    let mut faults = Vec::new();
    let refused = |at, problem| (Node::All(Vec::new()), vec![QueryFault { at, problem }]);
    if letters.len() > LONGEST_QUERY {
        return refused(Span { start: LONGEST_QUERY, end: letters.len() }, QueryProblem::TooLong);
    }
    let tokens = lex(&letters, &mut faults);
    let mut words = tokens.iter().filter_map(|token| match token {
        Token::Word(word) => Some(word.at),
        _ => None,
    });
    if let Some(at) = words.nth(MOST_WORDS) {
        return refused(at, QueryProblem::TooMany);
    }
    let mut parser = Parser { tokens: &tokens, next: 0, faults, reading };
    let root = parser.any(0).unwrap_or(Node::All(Vec::new()));
    parser.rest();
    let mut faults = parser.faults;
    faults.sort_by_key(|fault| fault.at.start);
    (root, faults)
}

struct Parser<'t> {
    tokens: &'t [Token],
    next: usize,
    faults: Vec<QueryFault>,
    reading: Reading,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.next)
    }

    fn fault(&mut self, at: Span, problem: QueryProblem) {
        self.faults.push(QueryFault { at, problem });
    }

    /// The word that joins conditions, where one comes next.
    fn joint(&self) -> Option<(Joint, &'t Word)> {
        match self.peek() {
            Some(Token::Word(word)) => joint(word).map(|joint| (joint, word)),
            _ => None,
        }
    }

    /// What is left over at the end: a parenthesis that closes none, and what follows it.
    fn rest(&mut self) {
        while let Some(Token::Close(at)) = self.peek() {
            self.fault(*at, QueryProblem::StrayParenthesis);
            self.next += 1;
            self.any(0);
        }
    }

    /// `a or b or c`; `None` where nothing stands here.
    fn any(&mut self, depth: usize) -> Option<Node> {
        let mut nodes = Vec::new();
        loop {
            let start = self.next;
            nodes.extend(self.all(depth));
            let Some((Joint::Or, word)) = self.joint() else { break };
            let is_alone = self.next == start;
            self.next += 1;
            if is_alone && !self.is_after_or(start) {
                self.fault(word.at, QueryProblem::Dangling { word: "or", before: true });
            }
            if self.ends() {
                self.fault(word.at, QueryProblem::Dangling { word: "or", before: false });
            }
        }
        joined(nodes, Node::Any)
    }

    /// Whether the token before that one is an `or`, which has been told of then.
    fn is_after_or(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
        matches!(before, Some(Token::Word(word)) if joint(word) == Some(Joint::Or))
    }

    /// Whether no condition comes next.
    fn ends(&self) -> bool {
        match self.peek() {
            None | Some(Token::Close(_)) => true,
            Some(Token::Word(word)) => matches!(joint(word), Some(Joint::Or | Joint::And)),
            Some(Token::Open(_) | Token::Minus(_)) => false,
        }
    }

    /// `a b and c`.
    fn all(&mut self, depth: usize) -> Option<Node> {
        let (mut nodes, start) = (Vec::new(), self.next);
        while !matches!(self.peek(), None | Some(Token::Close(_))) {
            match self.joint() {
                Some((Joint::Or, _)) => break,
                Some((Joint::And, word)) => {
                    let is_first = self.next == start;
                    self.next += 1;
                    if is_first {
                        self.fault(word.at, QueryProblem::Dangling { word: "and", before: true });
                    }
                    if self.ends() {
                        self.fault(word.at, QueryProblem::Dangling { word: "and", before: false });
                    }
                }
                _ => nodes.extend(self.one(depth)),
            }
        }
        joined(nodes, Node::All)
    }

    /// One condition, negated or not, or some in parentheses. Takes a token at least.
    fn one(&mut self, depth: usize) -> Option<Node> {
        let token = self.peek()?;
        self.next += 1;
        match token {
            Token::Minus(at) => self.negated(*at, "-", depth),
            Token::Open(at) => self.in_parentheses(*at, depth),
            // Where one stands nothing is asked for.
            Token::Close(_) => None,
            Token::Word(word) if joint(word) == Some(Joint::Not) => self.negated(word.at, "not", depth),
            Token::Word(word) => read(word, self.reading, &mut self.faults),
        }
    }

    fn negated(&mut self, at: Span, word: &'static str, depth: usize) -> Option<Node> {
        if self.ends() {
            self.fault(at, QueryProblem::Dangling { word, before: false });
            return None;
        }
        if depth == DEEPEST_QUERY {
            return self.too_deep(at);
        }
        Some(Node::Not(Box::new(self.one(depth + 1)?)))
    }

    fn in_parentheses(&mut self, at: Span, depth: usize) -> Option<Node> {
        if depth == DEEPEST_QUERY {
            return self.too_deep(at);
        }
        if let Some(Token::Close(end)) = self.peek() {
            self.next += 1;
            self.fault(Span { start: at.start, end: end.end }, QueryProblem::EmptyParentheses);
            return None;
        }
        let node = self.any(depth + 1);
        match self.peek() {
            Some(Token::Close(_)) => self.next += 1,
            // What stands too deep has been told of, and nothing after it was read.
            _ if self.faults.iter().any(|fault| fault.problem == QueryProblem::TooDeep) => {}
            _ => self.fault(at, QueryProblem::OpenParenthesis),
        }
        node
    }

    /// Nothing is read beyond what stands too deep.
    fn too_deep(&mut self, at: Span) -> Option<Node> {
        self.fault(at, QueryProblem::TooDeep);
        self.next = self.tokens.len();
        None
    }
}

fn joined(mut nodes: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Option<Node> {
    match nodes.len() {
        0 | 1 => nodes.pop(),
        _ => Some(join(nodes)),
    }
}
