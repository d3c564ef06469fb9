package io.mitune.app.web;

import io.mitune.app.cli.UserError;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Checked settings of a web server. Immutable.
 *
 * <p>The one place of the rule that a server which others can reach asks them for a token.
 *
 * @param kind what its options begin with: http or metrics
 * @param host address to listen at
 * @param port 0 for any free one
 * @param token what clients must show; empty only on loopback
 * @param allowedHosts names that requests may be addressed to, besides those of loopback
 * @param hostOption the option that adds one, where the command has it
 * @param limits what clients may take
 */
public record WebSettings(
        String kind,
        String host,
        int port,
        Optional<String> token,
        Set<String> allowedHosts,
        Optional<String> hostOption,
        WebLimits limits) {
    static final String HTTP = "http";

    private static final int MIN_TOKEN = 16;

    /** Refuses what is not safe to start with. */
    public WebSettings {
        allowedHosts = Set.copyOf(allowedHosts);
        if (port < 0 || port > 65535) {
            throw new UserError("--%s-port: expected 0 to 65535, found %d".formatted(kind, port));
        }
        if (token.isPresent()) {
            checkToken(kind, token.get());
        } else if (!isLoopback(kind, host)) {
            throw new UserError(
                    "--%1$s-host %2$s: expected a token for an address off loopback, found none; give --%1$s-token-file or the environment variable MITUNE_%3$s_TOKEN"
                            .formatted(kind, host, kind.toUpperCase(Locale.ROOT)));
        }
    }

    /** On loopback at this port, without a token, with default limits. */
    public static WebSettings loopback(int port) {
        return new WebSettings(
                HTTP,
                "127.0.0.1",
                port,
                Optional.empty(),
                Set.of(),
                Optional.empty(),
                WebLimits.DEFAULT);
    }

    /** The same with a token. */
    public WebSettings withToken(String newToken) {
        return new WebSettings(
                kind, host, port, Optional.of(newToken), allowedHosts, hostOption, limits);
    }

    /** The same with other limits. */
    public WebSettings withLimits(WebLimits newLimits) {
        return new WebSettings(kind, host, port, token, allowedHosts, hostOption, newLimits);
    }

    boolean isLoopback() {
        return isLoopback(kind, host);
    }

    private static boolean isLoopback(String kind, String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new UserError(
                    "--%s-host: expected an address of this machine, found %s"
                            .formatted(kind, host),
                    e);
        }
    }

    private static void checkToken(String kind, String token) {
        if (token.length() < MIN_TOKEN || !token.matches("[!-~]+")) {
            throw new UserError(
                    "%s token: expected %d or more visible ASCII characters, found %s; try: openssl rand -hex 24"
                            .formatted(
                                    kind,
                                    MIN_TOKEN,
                                    token.length() < MIN_TOKEN ? token.length() : "others"));
        }
    }

    /** Without the token, which must not reach a log. */
    @Override
    public String toString() {
        return "WebSettings[%s:%d, token %s, allowed hosts %s, %s]"
                .formatted(host, port, token.isPresent() ? "set" : "none", allowedHosts, limits);
    }
}
