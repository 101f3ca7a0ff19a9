/** What is handed to Docker and Kubernetes, held against the application. */
@NullMarked
package dev.walmonitor.deploy;

import org.jspecify.annotations.NullMarked;
