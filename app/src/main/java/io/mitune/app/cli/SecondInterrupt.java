package io.mitune.app.cli;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets Ctrl-C end a process that is ending already: the JVM by itself listens to the first only.
 *
 * <p>By reflection, since the only way to hear of a signal is not for the public; where it is not
 * there, a second Ctrl-C does nothing, as before. Stateless.
 */
final class SecondInterrupt {
    private static final Logger log = LoggerFactory.getLogger(SecondInterrupt.class);
    private static final int INTERRUPTED = 130; // as a shell reports Ctrl-C

    private SecondInterrupt() {}

    /** From now on an interrupt ends the process as a kill would: at once, nothing is closed. */
    static void halts() {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var halt =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (proxy, method, arguments) -> {
                                Runtime.getRuntime().halt(INTERRUPTED);
                                return null;
                            });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), halt);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            log.debug("a second Ctrl-C is not listened to", e);
        }
    }
}
