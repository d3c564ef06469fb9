package io.mitune.s3;

import io.mitune.schemas.blobs.BlobsUnavailableException;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Says in one line what an S3 server or the way to it has against a request.
 *
 * <p>Server and client texts are left out: they run over many lines and may repeat what was sent.
 * Stateless.
 */
final class S3Faults {
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int MAX_CODE = 60;

    /** What S3 answers when other bytes came than were sent. */
    private static final Set<String> BROKEN_ON_THE_WAY = Set.of("IncompleteBody", "BadDigest");

    private S3Faults() {}

    /** Runs a request; what fails in it is told as a fault of the store at {@code place}. */
    static <T> T told(S3Place place, Supplier<T> request) {
        try {
            return request.get();
        } catch (SdkException e) {
            throw new BlobsUnavailableException(
                    "blob store %s: %s".formatted(place.uri(), reason(e)), e);
        }
    }

    /** Whether it is the object that is missing, not the bucket. */
    static boolean isMissing(AwsServiceException e) {
        return e.statusCode() == NOT_FOUND && !code(e).equals("NoSuchBucket");
    }

    /**
     * Whether a body was cut or changed on the way, as by a proxy between. The AWS client does not
     * send those again by itself.
     */
    static boolean isBrokenOnTheWay(Throwable e) {
        return e instanceof AwsServiceException service
                && BROKEN_ON_THE_WAY.contains(code(service));
    }

    private static String reason(SdkException e) {
        if (e instanceof AwsServiceException service) {
            return reason(service);
        }
        if (e instanceof AbortedException) {
            return "the request was interrupted";
        }
        if (e instanceof ApiCallTimeoutException) {
            return "expected an answer in time, found none; is the server overloaded?";
        }
        var text = String.valueOf(e.getMessage());
        if (text.contains("Unable to load credentials")) {
            return "expected credentials, found none; set AWS_ACCESS_KEY_ID and"
                    + " AWS_SECRET_ACCESS_KEY, or give the machine or pod a role";
        }
        if (text.contains("Unable to load region")) {
            return "expected a region, found none; set AWS_REGION";
        }
        return "expected an answer, found %s; is the endpoint right and the server up?"
                .formatted(root(e).getClass().getSimpleName());
    }

    private static String reason(AwsServiceException e) {
        if (code(e).equals("NoSuchBucket")) {
            return "expected a bucket of this name, found none; make it first";
        }
        if (e.statusCode() == FORBIDDEN) {
            return "access denied (%s); a role needs s3:GetObject, s3:PutObject and s3:ListBucket"
                    .formatted(code(e));
        }
        if (isBrokenOnTheWay(e)) {
            return "expected the bytes that were sent to arrive, found %s; what lies between?"
                    .formatted(code(e));
        }
        return "expected success, found status %d (%s)".formatted(e.statusCode(), code(e));
    }

    private static String code(AwsServiceException e) {
        var details = e.awsErrorDetails();
        var code = details == null || details.errorCode() == null ? "-" : details.errorCode();
        var clean = code.replaceAll("[^A-Za-z0-9.-]", "?");
        return clean.length() <= MAX_CODE ? clean : clean.substring(0, MAX_CODE);
    }

    private static Throwable root(Throwable e) {
        var cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return cause;
    }
}
