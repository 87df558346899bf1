/// Wakes the caller of a request. It is called outside of every lock, from any thread, and must not block.
pub trait Wake: Send + Sync {
    /// Another step of the request is due.
    fn wake(&self);
}
