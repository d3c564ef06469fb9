package io.mitune.producers;

/** Told how far a publication is, from the producer's thread, so it must be quick. */
@FunctionalInterface
public interface PublishProgress {
    PublishProgress NONE = (acknowledged, total) -> {};

    /**
     * @param acknowledged prompts that the brokers have
     * @param total prompts to send
     */
    void acknowledged(int acknowledged, int total);
}
