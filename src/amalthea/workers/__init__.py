"""Who makes the batches: nobody but the caller, threads, and what they share: jobs, blocks of memory, the stream."""
