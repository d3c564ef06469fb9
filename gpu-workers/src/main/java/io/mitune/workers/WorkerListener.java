package io.mitune.workers;

import io.mitune.workers.queue.QueueListener;

/**
 * Follows a candidate worker; called on its device thread and the queue's, so calls must be quick.
 *
 * <p>For progress bars and metrics. What is done stands in the topics.
 */
public interface WorkerListener extends QueueListener {
    /** Follows nothing. */
    WorkerListener NONE = new WorkerListener() {};

    /**
     * A task begins.
     *
     * @param taskId its id
     * @param text the prompt, or what is evaluated
     * @param images images to draw
     */
    default void started(String taskId, String text, int images) {}

    /**
     * After each denoiser call.
     *
     * @param done image steps done of this task
     * @param total image steps of this task
     */
    default void progress(String taskId, long done, long total) {}

    /**
     * All results of the task are handed to the log.
     *
     * @param seconds device seconds
     */
    default void finished(String taskId, int images, double seconds) {}
}
