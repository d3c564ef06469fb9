package io.mitune.schemas.serde;

import org.apache.kafka.common.errors.RetriableException;

/**
 * The schema registry could not answer: down, overloaded, or it refuses our credentials.
 *
 * <p>Says nothing about the record at hand, so a reader must stop or try again and never move the
 * record to the dead letters. A bad record is a {@link
 * org.apache.kafka.common.errors.SerializationException}.
 */
public final class RegistryUnavailableException extends RetriableException {
    public RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
