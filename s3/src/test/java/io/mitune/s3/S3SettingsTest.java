package io.mitune.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3SettingsTest {
    @Test
    void readsBucketAndPrefix() {
        assertEquals(new S3Place("bucket", ""), S3Place.of(URI.create("s3://bucket")));
        assertEquals(new S3Place("my.bucket", ""), S3Place.of(URI.create("s3://my.bucket/")));
        var deep = S3Place.of(URI.create("S3://bucket/a/b_c=1/"));
        assertEquals(new S3Place("bucket", "a/b_c=1"), deep);
        assertEquals("a/b_c=1/x", deep.key("x"));
        assertEquals("x", deep.path("a/b_c=1/x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3:///prefix",
                "s3://Bucket",
                "s3://b",
                "s3://bucket/../other",
                "s3://bucket/a//b",
                "s3://bucket/a%20b",
                "s3://bucket/a?x=1",
                "s3://bucket/a#x",
                "s3:bucket",
                "http://bucket/a"
            })
    void refusesOtherUris(String uri) {
        var e = assertThrows(BlobException.class, () -> S3Place.of(URI.create(uri)));
        assertTrue(e.getMessage().startsWith("blob root: expected s3://bucket/prefix"));
    }

    @Test
    void neverRepeatsASecretInTheUri() {
        var uri = URI.create("s3://me:hunter2@bucket/a");
        var e = assertThrows(BlobException.class, () -> S3Place.of(uri));
        assertFalse(e.getMessage().contains("hunter2"), e.getMessage());
    }

    @Test
    void takesTheNamesOfTheAwsTools() {
        var own = settings(Map.of("AWS_ENDPOINT_URL_S3", "http://h:9000", "AWS_ENDPOINT_URL", "x"));
        assertEquals(Optional.of(URI.create("http://h:9000")), own.endpoint());
        assertEquals(Optional.of("us-east-1"), own.region());
        assertTrue(own.pathStyle());
        var aws = settings(Map.of("AWS_REGION", "eu-west-1"));
        assertEquals(Optional.empty(), aws.endpoint());
        assertEquals(Optional.of("eu-west-1"), aws.region());
        assertFalse(aws.pathStyle());
        var hosts = Map.of("AWS_ENDPOINT_URL", "https://h", "MITUNE_S3_PATH_STYLE", "false");
        assertFalse(settings(hosts).pathStyle());
    }

    @Test
    void namesTheVariableThatIsWrong() {
        for (var name : new String[] {"AWS_ENDPOINT_URL_S3", "MITUNE_S3_PATH_STYLE"}) {
            var e =
                    assertThrows(
                            BlobException.class, () -> settings(Map.of(name, "user:pass@host")));
            assertTrue(e.getMessage().startsWith(name + ": expected"), e.getMessage());
            assertFalse(e.getMessage().contains("pass@"), e.getMessage());
        }
    }

    @Test
    void theSchemeIsFoundByName() {
        var e = assertThrows(BlobException.class, () -> BlobStore.at(URI.create("s3://Bad")));
        assertTrue(e.getMessage().contains("s3://bucket/prefix"), e.getMessage());
    }

    private static S3Settings settings(Map<String, String> environment) {
        return S3Settings.of(name -> Optional.ofNullable(environment.get(name)));
    }
}
