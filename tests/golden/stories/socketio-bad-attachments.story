downbeat trace 2 {"maxAttachments":2}
# Attachments that do not come, come unannounced, are too many, or are not there.
> websocket 1
> text 1 40
> text 1 451-["session:event",{"type":"a","data":{"_placeholder":true,"num":0}}]
> text 1 42["session:create",{"name":"Ada"}]
? text where an attachment was due
> websocket 2
> text 2 40
> binary 2 bytes
? an attachment where none was due
> websocket 3
> text 3 40
> text 3 453-["session:event",{"type":"a"}]
? too many attachments
> websocket 4
> text 4 40
> text 4 451-["session:event",{"type":"a","data":{"_placeholder":true,"num":1}}]
? illegal attachments
> websocket 5
> text 5 40
> text 5 450-["session:event",{"type":"a"}]
? close 5
> websocket 6
> text 6 40
> text 6 45["session:event",{"type":"a"}]
? close 6
# A session that a close finds half-way with its attachments.
> websocket 7
> text 7 40
> text 7 452-["session:event",{"type":"a","data":[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]}]
> binary 7 one
+10 > closed 7
? client disconnected
