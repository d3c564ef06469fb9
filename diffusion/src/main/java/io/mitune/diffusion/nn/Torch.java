package io.mitune.diffusion.nn;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.NativeLibrary;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up the tensor engine, once per process.
 *
 * <p>With glibc's defaults every large temporary is given back to the kernel and faulted in again
 * page by page, which makes activation-sized ops several times slower. So before the first tensor
 * is made, freed memory is told to stay with the process. Other platforms are left as they are.
 *
 * <p>Thread-safe.
 */
public final class Torch {
    private static final Logger log = LoggerFactory.getLogger(Torch.class);
    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_MMAP_THRESHOLD = -3;

    /** From here on a lasting array gets pages of its own; no temporary ever does. */
    private static final int LASTING = 64 << 10;

    private static final int NEVER = 1 << 30;
    private static int makers; // of lasting arrays, in all threads

    private Torch() {}

    /** Makes sure that the engine is ready. */
    public static void setUp() {
        Holder.ENGINE.getEngineName();
    }

    /**
     * Cores that one tensor job may use, for all threads that have not computed yet; call it first
     * thing. Small models gain little from a second core: two jobs of one core each draw nearly
     * twice as much as one job of two.
     */
    public static void useThreads(int threads) {
        setUp();
        JniUtils.setNumThreads(threads);
    }

    /**
     * Gives memory that is free now back to the system; called when a model is loaded, since the
     * conversion of weights leaves holes that nothing later fits.
     */
    public static void releaseFreeMemory() {
        if (!System.getProperty("os.name").startsWith("Linux")) {
            return;
        }
        try {
            NativeLibrary.getInstance("c").getFunction("malloc_trim").invokeInt(new Object[] {0L});
        } catch (UnsatisfiedLinkError e) {
            log.debug("no malloc_trim in this C library: {}", e.getMessage());
        }
    }

    /**
     * Makes arrays that stay, such as weights. They get pages of their own: none lies between the
     * temporaries of later and splits their room, and a closed one is given back to the system.
     * What is closed on the way belongs here too, or the next lasting array takes its place.
     *
     * @param maker returns what it made
     */
    public static <T> T lasting(Supplier<T> maker) {
        count(1);
        try {
            return maker.get();
        } finally {
            count(-1);
        }
    }

    private static synchronized void count(int more) {
        makers += more;
        mallopt(M_MMAP_THRESHOLD, makers > 0 ? LASTING : NEVER);
    }

    private static void keepFreedMemory() {
        mallopt(M_MMAP_THRESHOLD, NEVER);
        mallopt(M_TRIM_THRESHOLD, Integer.MAX_VALUE);
    }

    private static void mallopt(int parameter, int value) {
        if (!System.getProperty("os.name").startsWith("Linux")) {
            return;
        }
        try {
            var mallopt = NativeLibrary.getInstance("c").getFunction("mallopt");
            if (mallopt.invokeInt(new Object[] {parameter, value}) != 1) {
                log.debug("mallopt({}, {}) is not possible", parameter, value);
            }
        } catch (UnsatisfiedLinkError e) {
            log.debug("no mallopt in this C library: {}", e.getMessage());
        }
    }

    /**
     * OpenMP's threads wait for each other a thousand times in a step. By default they do so busily
     * for a long time, and where other threads want the cores too (a broker's, the compiler's), the
     * one that is waited for does not get to run: steps then take twenty times as long. Sleeping at
     * once costs a third of the speed on an idle machine. So they look a thousand times and then
     * sleep, unless the user has set one of the variables; they are read when the library is
     * loaded.
     */
    private static void waitBusilyNotForLong() {
        boolean chosen =
                System.getenv("OMP_WAIT_POLICY") != null || System.getenv("GOMP_SPINCOUNT") != null;
        if (chosen || !System.getProperty("os.name").startsWith("Linux")) {
            return;
        }
        try {
            NativeLibrary.getInstance("c")
                    .getFunction("setenv")
                    .invokeInt(new Object[] {"GOMP_SPINCOUNT", "1000", 0});
        } catch (UnsatisfiedLinkError e) {
            log.debug("no setenv in this C library: {}", e.getMessage());
        }
    }

    private static final class Holder {
        private static final Engine ENGINE = start();

        private static Engine start() {
            keepFreedMemory();
            waitBusilyNotForLong();
            System.setProperty("OPT_OUT_TRACKING", "true"); // DJL would phone home
            System.setProperty("ai.djl.pytorch.graph_optimizer", "false"); // see Script
            return Engine.getEngine("PyTorch");
        }
    }
}
