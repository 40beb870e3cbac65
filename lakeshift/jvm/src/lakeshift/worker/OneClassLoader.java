package lakeshift.worker;

import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.util.MutableURLClassLoader;

/**
 * Lets tasks use the class loader of the driver for as long as nobody has added a jar.
 *
 * <p>Spark keeps the classes it generates by class loader, and makes a new loader for the executor of each SparkContext:
 * the tasks of every run of a warm worker would compile all of them anew, and Java would begin again to interpret them.
 * A loader without jars of its own finds just what its parent finds, so nothing else changes.
 */
public final class OneClassLoader implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return null;
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void onTaskStart() {
        Thread task = Thread.currentThread();
        ClassLoader given = task.getContextClassLoader();
        if (given.getClass() == MutableURLClassLoader.class && ((MutableURLClassLoader) given).getURLs().length == 0) {
          task.setContextClassLoader(given.getParent());
        }
      }
    };
  }
}
