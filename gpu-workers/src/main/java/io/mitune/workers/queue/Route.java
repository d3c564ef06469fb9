package io.mitune.workers.queue;

import io.mitune.schemas.Topic;
import org.apache.avro.specific.SpecificRecord;

/**
 * One kind of task: where it comes from, where its results go, who does it.
 *
 * @param tasks topic of the tasks
 * @param results topic of the results
 * @param handler does the work
 */
public record Route<I extends SpecificRecord, O extends SpecificRecord>(
        Topic<I> tasks, Topic<O> results, TaskHandler<I, O> handler) {}
